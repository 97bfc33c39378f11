// SPDX-License-Identifier: Apache-2.0
"use strict";
// Draws what the page has as JSON. Names are put in as text only, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.getElementById("drawn");
  const recordings = data.recordings;
  const longest = Math.max(...recordings.map(each => each.nanos));
  const OWNERS_MAX = 25;
  const LANES_MAX = 6;
  const LANE = 9;
  const SHORTEST = 1000;
  const SVG = "http://www.w3.org/2000/svg";

  let view = {from: 0, to: longest};
  let cursor = null;
  let chosen = null;
  let query = "";
  let due = false;
  const charts = [];

  // ---- elements ----

  function put(element, attributes, children) {
    for (const name in attributes) {
      element.setAttribute(name, attributes[name]);
    }
    element.append(...(children || []));
    return element;
  }

  function html(name, attributes, ...children) {
    return put(document.createElement(name), attributes, children);
  }

  function svg(name, attributes, ...children) {
    return put(document.createElementNS(SVG, name), attributes, children);
  }

  // ---- words ----

  function time(nanos) {
    const n = Math.abs(nanos);
    if (n < 1e3) return Math.round(nanos) + " ns";
    if (n < 1e6) return (nanos / 1e3).toFixed(1) + " µs";
    if (n < 1e9) return (nanos / 1e6).toFixed(1) + " ms";
    if (n < 6e10) return (nanos / 1e9).toFixed(2) + " s";
    return Math.floor(nanos / 6e10) + " min " + Math.floor(nanos % 6e10 / 1e9) + " s";
  }

  function bytes(count) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (count >= 1024 && unit < units.length - 1) {
      count /= 1024;
      unit++;
    }
    return (Number.isInteger(count) ? count : count.toFixed(1)) + " " + units[unit];
  }

  const rate = count => bytes(Math.round(count)) + "/s";

  // ---- numbers of bins ----

  /** Pairs of a bin and a number: what it is from there on, or what there is in the bin alone. */
  function dense(pairs, isLevel, factor) {
    const all = new Float64Array(data.bins);
    for (let i = 0; i < pairs.length; i += 2) {
      const value = pairs[i + 1] * (factor || 1);
      if (isLevel) {
        all.fill(value, pairs[i]);
      } else {
        all[pairs[i]] = value;
      }
    }
    return all;
  }

  const most = values => values.reduce((a, b) => Math.max(a, b), 0);

  /** For each layer of a stack what it and those below it are together. */
  function stacked(layers) {
    const sums = [];
    layers.forEach((layer, i) => {
      sums.push(layer.map((value, bin) => value + (i > 0 ? sums[i - 1][bin] : 0)));
    });
    return sums;
  }

  // ---- time and columns ----

  const x = (nanos, width) => (nanos - view.from) / (view.to - view.from) * width;
  const at = (column, width) => view.from + column / width * (view.to - view.from);
  const bin = (nanos, recording) =>
    Math.max(0, Math.min(data.bins - 1, Math.floor(nanos / recording.nanos * data.bins)));

  /** The most that values are in what each column of a drawing stands for. */
  function columns(values, recording, width) {
    const all = [];
    for (let column = 0; column < width; column++) {
      const from = at(column, width);
      if (from >= recording.nanos) {
        break;
      }
      const first = bin(from, recording);
      const last = bin(Math.min(at(column + 1, width), recording.nanos - 1), recording);
      let value = values[first];
      for (let i = first + 1; i < last; i++) {
        value = Math.max(value, values[i]);
      }
      all.push(value);
    }
    return all;
  }

  /**
   * Outlines of steps between two rows of numbers, where there is something between: an outline of
   * nothing would hide what is below it.
   */
  function area(upper, lower, height, top) {
    const y = value => (height - value / top * (height - 2)).toFixed(1);
    let all = "";
    let there = "";
    let back = "";
    let before = null;
    const close = i => {
      // Steps backwards: each level is left where the next one begins.
      all += there ? there + "H" + i + back + "Z" : "";
      there = "";
      back = "";
      before = null;
    };
    for (let i = 0; i < upper.length; i++) {
      const up = y(upper[i]);
      const low = y(lower ? lower[i] : 0);
      if (up === low) {
        close(i);
      } else if (before === null || before.up !== up || before.low !== low) {
        there += (there ? "H" + i + "V" : "M" + i + " ") + up;
        back = "V" + low + "H" + i + back;
        before = {up: up, low: low};
      }
    }
    close(upper.length);
    return all;
  }

  // ---- charts ----

  /** Tiers differ by pattern too, for those who do not see their colours. */
  function fill(series) {
    return series === 0 ? "solid" : "hatched";
  }

  function paint(series) {
    return series === 0 ? {} : {fill: "url(#pattern" + series + ")"};
  }

  function patterns() {
    const all = svg("defs", {});
    const shapes = ["", "M-1 1l2 -2M0 6l6 -6M5 7l2 -2", "M0 3h6", "M3 0v6", "M0 0l6 6M0 6l6 -6"];
    for (let series = 1; series < shapes.length; series++) {
      all.append(svg("pattern",
        {id: "pattern" + series, class: "s" + series, width: 6, height: 6,
          patternUnits: "userSpaceOnUse"},
        svg("rect", {width: 6, height: 6, fill: "currentColor", opacity: 0.45}),
        svg("path", {d: shapes[series], stroke: "currentColor", "stroke-width": 2})));
    }
    return svg("svg", {width: 0, height: 0, "aria-hidden": "true", style: "position:absolute"}, all);
  }

  function key(series, words, shape) {
    const drawn = shape || svg("rect", Object.assign(
      {x: 1, y: 1, width: 12, height: 12, class: fill(series)}, paint(series)));
    return html("span", {class: "key"},
      svg("svg", {class: shape ? "bad" : "s" + series, "aria-hidden": "true"}, drawn),
      html("bdi", {}, words));
  }

  const refusedMark = () => svg("path", {d: "M3 3l8 8M3 11l8 -8", class: "line"});

  /**
   * A drawing with a caption. Layers are drawn upon each other, all in one scale.
   */
  function chart(parent, recording, options) {
    const said = html("span", {class: "at"});
    const plot = svg("svg", {class: "plot", role: "img", height: options.height,
      "aria-label": options.name + ", " + options.most});
    const caption = html("figcaption", {},
      html("bdi", {class: "name"}, options.name), ...(options.keys || []),
      html("span", {class: "most"}, options.most), said);
    parent.append(html("figure", {}, caption, plot));
    charts.push({
      plot: plot,
      draw: () => {
        const width = Math.max(1, Math.round(plot.clientWidth));
        plot.replaceChildren();
        let lower = null;
        options.layers.forEach(layer => {
          const upper = columns(layer.sums, recording, width);
          plot.append(svg("path", Object.assign(
            {d: area(upper, lower, options.height, options.top || 1),
              class: "s" + layer.series + " " + fill(layer.series)}, paint(layer.series))));
          lower = upper;
        });
        if (options.more) {
          options.more(plot, width);
        }
        ended(plot, recording, width, options.height);
      },
      tell: nanos => {
        said.textContent = nanos === null || nanos >= recording.nanos
          ? "" : options.tell(bin(nanos, recording));
      }
    });
  }

  /** Where a recording ends that is shorter than the other. */
  function ended(plot, recording, width, height) {
    const end = x(recording.nanos, width);
    if (recording.nanos < longest && end >= 0 && end <= width) {
      plot.append(svg("line", {x1: end, x2: end, y1: 0, y2: height, class: "end"}));
    }
  }

  function limitedLine(limits, recording, width, height, top) {
    let d = "";
    columns(limits, recording, width).forEach((value, i) => {
      const y = (height - value / top * (height - 2)).toFixed(1);
      d += i === 0 ? "M0 " + y : "H" + i + "V" + y;
    });
    return svg("path", {d: d, class: "limit"});
  }

  function places(parent, recording, name, tiers, height, top) {
    const layers = tiers.map(pairs => dense(pairs, true));
    const sums = stacked(layers);
    chart(parent, recording, {
      name: name,
      height: height,
      top: top || most(sums[sums.length - 1]),
      most: "at most " + bytes(most(sums[sums.length - 1])),
      layers: sums.map((each, i) => ({sums: each, series: i})),
      tell: i => layers.map((layer, tier) => [layer[i], recording.tiers[tier]])
        .filter(each => each[0] > 0)
        .map(each => each[1] + " " + bytes(each[0])).join(", ") || "nothing"
    });
  }

  /** Sums of bytes in bins, as bytes a second. */
  function flows(parent, recording, name, series, top) {
    const factor = 1e9 / (recording.nanos / data.bins);
    const layers = series.map(each => dense(recording[each.of], false, factor));
    const sums = stacked(layers);
    chart(parent, recording, {
      name: name,
      height: 48,
      top: top,
      most: "at most " + rate(most(sums[sums.length - 1])),
      keys: series.map((each, i) => key(each.series, each.words)),
      layers: sums.map((each, i) => ({sums: each, series: series[i].series})),
      tell: i => layers.map((layer, k) => series[k].words + " " + rate(layer[i])).join(", ")
    });
  }

  const FLOWS = {
    moves: [{of: "toDevices", words: "to devices", series: 1},
      {of: "toHome", words: "home", series: 0}],
    evictions: [{of: "evictedCopied", words: "copied", series: 0},
      {of: "evictedClean", words: "clean", series: 2}]
  };

  function flowTop(series) {
    return Math.max(1, ...recordings.map(recording => {
      const factor = 1e9 / (recording.nanos / data.bins);
      return most(stacked(series.map(each => dense(recording[each.of], false, factor))).pop());
    }));
  }

  function stalls(parent, recording, top) {
    const waiting = dense(recording.waiting, false, data.bins / recording.nanos);
    const refused = dense(recording.refused, false);
    chart(parent, recording, {
      name: "Waiting",
      height: 56,
      top: top,
      most: "at most " + most(waiting).toFixed(1) + " threads, the longest " +
        time(recording.waits.length ? recording.waits[0].nanos : 0),
      keys: [key(3, "threads that wait, and the longest waits"),
        key(0, "refused", refusedMark())],
      layers: [{sums: waiting, series: 3}],
      tell: i => waiting[i].toFixed(1) + " threads wait, " + refused[i] + " refused",
      more: (plot, width) => {
        recording.waits.forEach(wait => {
          const from = x(wait.from, width);
          const to = Math.max(x(wait.from + wait.nanos, width), from + 1.5);
          if (to >= 0 && from <= width) {
            plot.append(svg("rect", {x: from, y: 1, width: to - from, height: 5,
              class: "s3 solid", opacity: 0.7},
            svg("title", {}, wait.what + ": " + time(wait.nanos))));
          }
        });
        columns(refused, recording, width).forEach((count, i) => {
          if (count > 0) {
            plot.append(svg("path", {d: "M" + (i - 3) + " 49l6 6m0 -6l-6 6", class: "bad line"}));
          }
        });
      }
    });
  }

  function budgets(parent, recording) {
    recording.budgets.forEach(budget => {
      const used = dense(budget.used, true);
      const limit = dense(budget.limit, true);
      const reached = dense(budget.reached, true);
      const top = Math.max(1, most(used), most(limit));
      chart(parent, recording, {
        name: "Budget " + budget.name,
        height: 40,
        top: top,
        most: "at most " + bytes(most(used)) +
          (budget.limit.length ? " of " + bytes(most(limit)) + " (dashed)" : ", no limit") +
          (budget.reached.length ? ", reached " + most(reached) + " times" : ""),
        layers: [{sums: used, series: 4}],
        tell: i => bytes(used[i]) + (budget.limit.length ? " of " + bytes(limit[i]) : ""),
        more: (plot, width) => {
          if (budget.limit.length) {
            // What it was before it was told is what it was told to be.
            plot.append(limitedLine(
              limit.map(value => value || budget.limit[1]), recording, width, 40, top));
          }
          for (let i = 0; i < budget.reached.length; i += 2) {
            const where = x(budget.reached[i] / data.bins * recording.nanos, width);
            plot.append(svg("path", {d: "M" + (where - 3) + " 34l6 6m0 -6l-6 6",
              class: "bad line"}));
          }
        }
      });
    });
  }

  // ---- holders ----

  /** For each bar a lane in which it meets no other, as long as there are lanes. */
  function lanes(bars) {
    const ends = [];
    return bars.slice().sort((a, b) => a.from - b.from).map(bar => {
      let lane = ends.findIndex(end => end <= bar.from);
      if (lane < 0) {
        lane = Math.min(ends.length, LANES_MAX - 1);
      }
      ends[lane] = Math.max(bar.to, ends[lane] || 0);
      return {bar: bar, lane: lane};
    });
  }

  function owner(recording, one, isFound) {
    const placed = lanes(one.bars);
    const height = 2 + LANE * (1 + Math.max(...placed.map(each => each.lane)));
    const plot = svg("svg", {class: "plot", role: "img", height: height,
      "aria-label": one.name + ": " + one.bars.length + " drawn"});
    const row = html("div", {class: isFound ? "who found" : "who"},
      html("div", {class: "label"}, html("bdi", {title: one.name}, one.name),
        html("span", {}, one.count + (one.count === 1 ? " holder" : " holders") +
          ", longest " + time(one.longest))),
      plot);
    row.drawing = {
      plot: plot,
      draw: () => {
        const width = Math.max(1, Math.round(plot.clientWidth));
        plot.replaceChildren();
        placed.forEach(each => {
          const series = each.bar.kind === "pin" ? 0 : each.bar.kind === "access" ? 1 : 3;
          const from = Math.max(-5, x(each.bar.from, width));
          const to = Math.max(Math.min(width + 5, x(each.bar.to, width)), from + 1.5);
          if (to >= 0 && from <= width) {
            plot.append(svg("rect", Object.assign(
              {x: from.toFixed(1), y: 1 + each.lane * LANE, width: (to - from).toFixed(1),
                height: LANE - 1, class: "s" + series + " " + fill(series)}, paint(series)),
            svg("title", {}, each.bar.what + ": " + time(each.bar.to - each.bar.from) +
              (each.bar.open ? ", still open at the end" : ""))));
          }
        });
        ended(plot, recording, width, height);
      },
      tell: () => {}
    };
    return row;
  }

  function holders(parent, recording) {
    const rows = html("div", {});
    const drawn = recording.owners.reduce((sum, each) => sum + each.bars.length, 0);
    parent.append(html("figure", {}, html("figcaption", {},
      html("span", {class: "name"}, "Who held what"),
      key(0, "pin"), key(1, "device access"), key(3, "other"),
      html("span", {class: "most"}, drawn < recording.holders
        ? "the longest " + drawn + " of " + recording.holders : recording.holders + " holders")),
    rows));
    const shown = {rows: rows, drawings: []};
    shown.search = () => {
      const found = recording.owners.filter(each => matches(each.name));
      const some = found.slice(0, OWNERS_MAX);
      rows.replaceChildren(...some.map(each => owner(recording, each, query !== "")));
      shown.drawings = [...rows.children].map(each => each.drawing);
      if (found.length > some.length) {
        rows.append(html("p", {class: "note"},
          (found.length - some.length) + " more owners: search for them."));
      }
      if (found.length === 0) {
        rows.append(html("p", {class: "note"}, query === "" ? "None." : "None of this name."));
      }
      return {found: found.length, all: recording.owners.length};
    };
    return shown;
  }

  const matches = text => text.toLowerCase().includes(query);

  // ---- search ----

  const status = html("span", {class: "where", role: "status"});
  const bars = [];

  function search() {
    let found = 0;
    let all = 0;
    bars.forEach(each => {
      const result = each.search();
      found += result.found;
      all += result.all;
    });
    document.querySelectorAll("td.owner").forEach(cell => {
      cell.parentElement.classList.toggle("out", !matches(cell.textContent));
    });
    status.textContent = query === "" ? "" : found + " of " + all + " owners";
    soon();
  }

  // ---- time axis ----

  function ticks(width) {
    const step = (view.to - view.from) / Math.max(2, Math.floor(width / 110));
    const power = Math.pow(10, Math.floor(Math.log10(step)));
    const nice = [1, 2, 5, 10].map(each => each * power).find(each => each >= step);
    const all = [];
    for (let each = Math.ceil(view.from / nice) * nice; each <= view.to; each += nice) {
      all.push(each);
    }
    return all;
  }

  function axis(parent) {
    const plot = svg("svg", {class: "axis", height: 20, role: "img", "aria-label": "Time"});
    parent.append(plot);
    charts.push({
      plot: plot,
      draw: () => {
        const width = Math.max(1, Math.round(plot.clientWidth));
        plot.replaceChildren(...ticks(width).map(each => {
          const where = x(each, width);
          const anchor = where < 30 ? "start" : where > width - 30 ? "end" : "middle";
          return svg("g", {},
            svg("line", {x1: where, x2: where, y1: 15, y2: 20, class: "tick"}),
            svg("text", {x: where, y: 12, "text-anchor": anchor}, each === 0 ? "0" : time(each).replace(/\.0+ /, " ")));
        }));
      },
      tell: () => {}
    });
  }

  // ---- drawing ----

  function drawings() {
    return charts.concat(...bars.map(each => each.drawings));
  }

  function mark(plot) {
    plot.querySelectorAll(".cursor, .chosen").forEach(each => each.remove());
    const width = plot.clientWidth;
    const height = plot.clientHeight;
    if (cursor !== null) {
      const where = x(cursor, width);
      plot.append(svg("line", {x1: where, x2: where, y1: 0, y2: height, class: "cursor"}));
    }
    if (chosen) {
      const from = x(Math.min(chosen.from, chosen.to), width);
      const to = x(Math.max(chosen.from, chosen.to), width);
      plot.append(svg("rect", {x: from, y: 0, width: to - from, height: height, class: "chosen"}));
    }
  }

  const where = html("span", {class: "where"});

  function draw() {
    due = false;
    drawings().forEach(each => each.draw());
    where.textContent = time(view.from) + " to " + time(view.to);
    point();
  }

  function point() {
    drawings().forEach(each => {
      mark(each.plot);
      each.tell(cursor);
    });
  }

  function soon() {
    if (!due) {
      due = true;
      requestAnimationFrame(draw);
    }
  }

  // ---- zoom ----

  function show(from, to) {
    const length = Math.min(longest, Math.max(SHORTEST, to - from));
    const start = Math.max(0, Math.min(from, longest - length));
    view = {from: start, to: start + length};
    root.dataset.from = Math.round(view.from);
    root.dataset.to = Math.round(view.to);
    soon();
  }

  function zoom(factor, center) {
    const fixed = center === undefined
      ? cursor !== null && cursor > view.from && cursor < view.to
        ? cursor : (view.from + view.to) / 2
      : center;
    show(fixed - (fixed - view.from) * factor, fixed + (view.to - fixed) * factor);
  }

  function pan(part) {
    const by = part * (view.to - view.from);
    show(view.from + by, view.to + by);
  }

  function move(part) {
    const now = cursor === null ? (view.from + view.to) / 2 : cursor;
    cursor = Math.max(view.from, Math.min(view.to, now + part * (view.to - view.from)));
    where.textContent = "at " + time(cursor);
    point();
  }

  const STEPS = {
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    "_": () => zoom(2),
    "0": () => show(0, longest),
    "ArrowLeft": event => event.shiftKey ? move(-0.01) : pan(-0.2),
    "ArrowRight": event => event.shiftKey ? move(0.01) : pan(0.2)
  };

  document.addEventListener("keydown", event => {
    const isElsewhere = event.target.closest("input, .scroll");
    if (isElsewhere || event.ctrlKey || event.metaKey || event.altKey || !STEPS[event.key]) {
      return;
    }
    event.preventDefault();
    STEPS[event.key](event);
  });

  const plotAt = event => event.target.closest("svg.plot, svg.axis");

  function nanosAt(event, plot) {
    const box = plot.getBoundingClientRect();
    return Math.max(0, Math.min(longest, at(event.clientX - box.left, box.width)));
  }

  root.addEventListener("wheel", event => {
    const plot = plotAt(event);
    // Without a sign that the drawing is meant, the wheel scrolls the page.
    if (plot && (event.ctrlKey || event.metaKey || root.contains(document.activeElement))) {
      event.preventDefault();
      zoom(Math.pow(1.002, event.deltaY), nanosAt(event, plot));
    }
  }, {passive: false});

  root.addEventListener("pointerdown", event => {
    const plot = plotAt(event);
    if (plot && event.button === 0) {
      canvas.focus({preventScroll: true});
      plot.setPointerCapture(event.pointerId);
      const nanos = nanosAt(event, plot);
      chosen = {from: nanos, to: nanos, x: event.clientX, plot: plot};
    }
  });

  root.addEventListener("pointermove", event => {
    const plot = chosen ? chosen.plot : plotAt(event);
    if (plot) {
      cursor = nanosAt(event, plot);
      if (chosen) {
        chosen.to = cursor;
      }
      where.textContent = "at " + time(cursor);
      point();
    }
  });

  root.addEventListener("pointerup", event => {
    const range = chosen;
    chosen = null;
    if (range && Math.abs(event.clientX - range.x) > 4) {
      show(Math.min(range.from, range.to), Math.max(range.from, range.to));
    } else {
      point();
    }
  });

  root.addEventListener("pointercancel", () => {
    chosen = null;
    point();
  });

  // ---- the page ----

  function button(words, label, action) {
    const made = html("button", {type: "button", "aria-label": label, title: label}, words);
    made.addEventListener("click", action);
    return made;
  }

  const input = html("input", {type: "search", id: "search", autocomplete: "off"});
  input.addEventListener("input", () => {
    query = input.value.toLowerCase();
    search();
  });

  const canvas = html("div", {tabindex: 0, role: "group", id: "canvas",
    "aria-label": "Drawings over time. Plus and minus zoom, arrows move, 0 shows all," +
      " shift with arrows moves a line that tells numbers."});

  root.append(
    html("p", {class: "note"}, "Drag over a time to see it larger. Keys: + and - zoom, ← and → move," +
      " 0 shows all, shift with ← and → tells numbers; so does the wheel, with Ctrl or after a click."),
    html("div", {class: "controls"},
      button("+", "Larger (+)", () => zoom(0.5)),
      button("−", "Smaller (-)", () => zoom(2)),
      button("←", "Earlier (left arrow)", () => pan(-0.2)),
      button("→", "Later (right arrow)", () => pan(0.2)),
      button("All", "All of it (0)", () => show(0, longest)),
      html("label", {for: "search"}, "Owner", input),
      status, where),
    patterns(), canvas);

  const tops = {
    places: Math.max(1, ...recordings.map(
      each => most(stacked(each.all.map(pairs => dense(pairs, true))).pop()))),
    moves: flowTop(FLOWS.moves),
    evictions: flowTop(FLOWS.evictions),
    waiting: Math.max(0.1, ...recordings.map(
      each => most(dense(each.waiting, false, data.bins / each.nanos))))
  };

  recordings.forEach(recording => {
    const part = html("section", {"aria-label": recording.name});
    canvas.append(part);
    if (recordings.length > 1) {
      part.append(html("h2", {}, html("bdi", {}, recording.name)));
    }
    axis(part);
    part.append(html("p", {class: "note"}, "Where the bytes of buffers were: ",
      ...recording.tiers.flatMap((tier, i) => [key(i, tier), " "])));
    places(part, recording, "All buffers", recording.all, 110, tops.places);
    recording.buffers.forEach(each => places(part, recording, each.name, each.tiers, 34));
    flows(part, recording, "Copied", FLOWS.moves, tops.moves);
    flows(part, recording, "Evicted", FLOWS.evictions, tops.evictions);
    stalls(part, recording, tops.waiting);
    budgets(part, recording);
    bars.push(holders(part, recording));
  });

  root.hidden = false;
  search();
  show(0, longest);
  addEventListener("resize", soon);
  root.dataset.ready = "true";
})();
