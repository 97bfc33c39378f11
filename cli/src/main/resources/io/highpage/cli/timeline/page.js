// SPDX-License-Identifier: Apache-2.0
"use strict";
// Draws what the page has as JSON. Names are put in as text only, never as HTML.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.getElementById("drawn");
  const recordings = data.recordings;
  // Times are nanoseconds from the start of a recording, of which a part may be shown.
  const start = data.from;
  const longest = Math.max(...recordings.map(each => each.nanos));
  const OWNERS_MAX = 25;
  const LANES_MAX = 6;
  const LANE = 9;
  const SHORTEST = 1000;
  /** Columns that a step may be wide before it is said that it is one. */
  const WIDE = 6;
  /** Nanoseconds of the shortest step that there is. */
  const FINEST = 1 << 14;
  const SVG = "http://www.w3.org/2000/svg";

  let view = {from: start, to: longest};
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
    return Math.floor(nanos / 6e10) + " min " + (nanos % 6e10 / 1e9).toFixed(2) + " s";
  }

  /** A time that can be told from one that is so much later. */
  function stamp(nanos, apart) {
    const last = view.to;
    const unit = last < 1e3 ? ["ns", 1] : last < 1e6 ? ["µs", 1e3] : last < 1e9 ? ["ms", 1e6] : ["s", 1e9];
    const digits = Math.max(0, Math.min(9, Math.ceil(Math.log10(unit[1] / apart) - 1e-9)));
    const minutes = Math.floor(nanos / 6e10);
    return (minutes ? minutes + " min " : "") +
      ((nanos - minutes * 6e10) / unit[1]).toFixed(digits) + " " + unit[0];
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

  // ---- numbers of steps ----

  /** When each row of a series begins, and what each of its layers is then, each as an array. */
  function decoded(series) {
    const width = series.layers + 1;
    const count = series.rows.length / width;
    const found = {step: series.step, times: new Float64Array(count),
      layers: Array.from({length: series.layers}, () => new Float64Array(count))};
    let step = 0;
    for (let row = 0; row < count; row++) {
      step += series.rows[row * width];
      found.times[row] = step * series.step;
      found.layers.forEach((layer, i) => {
        layer[row] = series.rows[row * width + 1 + i] * series.unit;
      });
    }
    return found;
  }

  const most = values => values.reduce((a, b) => Math.max(a, b), 0);
  const sum = values => values.reduce((a, b) => a + b, 0);

  /** For each layer of a stack what it and those below it are together. */
  function stacked(layers) {
    const sums = [];
    layers.forEach((layer, i) => {
      sums.push(layer.map((value, row) => value + (i > 0 ? sums[i - 1][row] : 0)));
    });
    return sums;
  }

  /** The last row that begins by a time; -1 if there is none. */
  function rowAt(times, nanos) {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = low + high >> 1;
      if (times[middle] <= nanos) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - 1;
  }

  // ---- time and columns ----

  const x = (nanos, width) => (nanos - view.from) / (view.to - view.from) * width;
  const at = (column, width) => view.from + column / width * (view.to - view.from);

  /** How many columns of a drawing a recording has. */
  const shownColumns = (recording, width) =>
    Math.max(0, Math.min(width, Math.ceil(x(recording.nanos, width))));

  /** The most that values, which stay until the next row, are in what each column stands for. */
  function levels(times, values, recording, width) {
    const all = new Float64Array(shownColumns(recording, width));
    let row = rowAt(times, view.from);
    for (let column = 0; column < all.length; column++) {
      let value = row < 0 ? 0 : values[row];
      const until = at(column + 1, width);
      while (row + 1 < times.length && times[row + 1] < until) {
        row++;
        value = Math.max(value, values[row]);
      }
      all[column] = value;
    }
    return all;
  }

  /** Sums of steps, each spread over its step, as so much a nanosecond of each column. */
  function densities(series, values, recording, width) {
    const all = new Float64Array(shownColumns(recording, width));
    const column = (view.to - view.from) / width;
    for (let row = Math.max(0, rowAt(series.times, view.from)); row < values.length; row++) {
      const from = Math.max(x(series.times[row], width), 0);
      const to = Math.min(x(series.times[row] + series.step, width), all.length);
      if (series.times[row] > view.to) {
        break;
      }
      for (let i = Math.floor(from); i < to; i++) {
        all[i] += values[row] / series.step * (Math.min(to, i + 1) - Math.max(from, i));
      }
    }
    return all;
  }

  /** What there is in each column, of what has a time and a number. */
  function counts(series, width) {
    const all = new Map();
    series.times.forEach((nanos, row) => {
      const column = Math.floor(x(nanos + series.step / 2, width));
      if (column >= 0 && column < width) {
        all.set(column, (all.get(column) || 0) + series.layers[0][row]);
      }
    });
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
   * A drawing with a caption. Layers are drawn upon each other, all in one scale. What is as high
   * as the drawing is told when there are columns, if it depends on them.
   */
  function chart(parent, recording, options) {
    const said = html("span", {class: "at"});
    const mostSaid = html("span", {class: "most"});
    const plot = svg("svg", {class: "plot", role: "img", height: options.height});
    const caption = html("figcaption", {},
      html("bdi", {class: "name"}, options.name), ...(options.keys || []), mostSaid, said);
    parent.append(html("figure", {}, caption, plot));
    const drawing = {
      plot: plot,
      step: options.step,
      peak: 0,
      measure: () => {
        drawing.width = Math.max(1, Math.round(plot.clientWidth));
        drawing.columns = options.columns(drawing.width);
        drawing.peak = most(drawing.columns[drawing.columns.length - 1]);
      },
      draw: () => {
        const width = drawing.width;
        const words = options.most(drawing.peak) + (options.step > WIDE * (view.to - view.from) / width
          ? ", in steps of " + time(options.step) : "");
        mostSaid.textContent = words;
        plot.setAttribute("aria-label", options.name + ", " + words);
        plot.replaceChildren();
        const top = options.top ? options.top() : Math.max(drawing.peak, 1e-12);
        let lower = null;
        drawing.columns.forEach((upper, i) => {
          const series = options.series[i];
          plot.append(svg("path", Object.assign({d: area(upper, lower, options.height, top),
            class: "s" + series + " " + fill(series)}, paint(series))));
          lower = upper;
        });
        if (options.more) {
          options.more(plot, width, top);
        }
        ended(plot, recording, width, options.height);
      },
      tell: nanos => {
        const isShown = nanos !== null && nanos >= view.from && nanos <= view.to && nanos < recording.nanos;
        const column = Math.min(Math.floor(x(nanos, drawing.width)), drawing.columns[0].length - 1);
        said.textContent = isShown ? options.tell(nanos, column, drawing.columns) : "";
      }
    };
    charts.push(drawing);
    return drawing;
  }

  /** The highest of several drawings, which have one scale. */
  const highest = drawings => () => Math.max(1e-12, ...drawings.map(each => each.peak));

  /** Where a recording ends that is shorter than the other. */
  function ended(plot, recording, width, height) {
    const end = x(recording.nanos, width);
    if (recording.nanos < longest && end >= 0 && end <= width) {
      plot.append(svg("line", {x1: end, x2: end, y1: 0, y2: height, class: "end"}));
    }
  }

  function limitedLine(limits, height, top) {
    let d = "";
    limits.forEach((value, i) => {
      const y = (height - value / top * (height - 2)).toFixed(1);
      d += i === 0 ? "M0 " + y : "H" + i + "V" + y;
    });
    return svg("path", {d: d, class: "limit"});
  }

  function cross(column, top) {
    return svg("path", {d: "M" + (column - 3) + " " + top + "l6 6m0 -6l-6 6", class: "bad line"});
  }

  /** Bytes by tier; {@code top} is what is as high as the drawing, if that is not the most. */
  function places(parent, recording, name, series, height, top) {
    const found = decoded(series);
    const sums = stacked(found.layers);
    const peak = most(sums[sums.length - 1]);
    chart(parent, recording, {
      name: name,
      height: height,
      step: found.step,
      top: () => top || peak || 1,
      most: () => "at most " + bytes(peak),
      series: sums.map((each, i) => i),
      columns: width => sums.map(each => levels(found.times, each, recording, width)),
      tell: nanos => {
        const row = rowAt(found.times, nanos);
        return found.layers.map((layer, tier) => [row < 0 ? 0 : layer[row], data.tiers[tier]])
          .filter(each => each[0] > 0)
          .map(each => each[1] + " " + bytes(each[0])).join(", ") || "nothing";
      }
    });
  }

  /** Sums of bytes, as bytes a second. */
  function flows(parent, recording, name, of, layers, together) {
    const found = decoded(of);
    together.push(chart(parent, recording, {
      name: name,
      height: 48,
      step: found.step,
      top: highest(together),
      most: peak => "at most " + rate(peak),
      keys: layers.map(each => key(each.series, each.words)),
      series: layers.map(each => each.series),
      columns: width => stacked(found.layers.map(layer =>
        densities(found, layer, recording, width).map(value => value * 1e9))),
      tell: (nanos, column, columns) => layers.map((layer, i) => layer.words + " " +
        rate(columns[i][column] - (i > 0 ? columns[i - 1][column] : 0))).join(", ")
    }));
  }

  const MOVES = [{words: "to devices", series: 1}, {words: "home", series: 0}];
  const EVICTIONS = [{words: "copied", series: 0}, {words: "clean", series: 2}];

  function stalls(parent, recording, together) {
    const waiting = decoded(recording.waiting);
    const refused = decoded(recording.refused);
    let crosses = new Map();
    together.push(chart(parent, recording, {
      name: "Waiting",
      height: 56,
      step: waiting.step,
      top: highest(together),
      most: peak => "at most " + peak.toFixed(1) + " threads, the longest " +
        time(recording.waits.length ? recording.waits[0].nanos : 0),
      keys: [key(3, "threads that wait, and the longest waits"),
        key(0, "refused", refusedMark())],
      series: [3],
      columns: width => [densities(waiting, waiting.layers[0], recording, width)],
      tell: (nanos, column, columns) => columns[0][column].toFixed(1) + " threads wait, " +
        (crosses.get(column) || 0) + " refused",
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
        crosses = counts(refused, width);
        crosses.forEach((count, column) => plot.append(cross(column, 49)));
      }
    }));
  }

  function budgets(parent, recording) {
    recording.budgets.forEach(budget => {
      const used = decoded(budget.used);
      const limit = budget.limit && decoded(budget.limit);
      const reached = decoded(budget.reached);
      const usedMost = most(used.layers[0]);
      const limits = limit ? limit.layers[0] : [];
      // What it was before it was told is what it was told to be.
      limits.forEach((value, row) => {
        limits[row] = value || limits.find(each => each > 0) || 0;
      });
      const times = sum(reached.layers[0]);
      chart(parent, recording, {
        name: "Budget " + budget.name,
        height: 40,
        step: used.step,
        top: () => Math.max(1, usedMost, most(limits)),
        most: () => "at most " + bytes(usedMost) +
          (limit ? " of " + bytes(most(limits)) + " (dashed)" : ", no limit") +
          (times ? ", reached " + times + " times" : ""),
        series: [4],
        columns: width => [levels(used.times, used.layers[0], recording, width)],
        tell: nanos => {
          const row = rowAt(used.times, nanos);
          return bytes(row < 0 ? 0 : used.layers[0][row]) +
            (limit ? " of " + bytes(limits[Math.max(0, rowAt(limit.times, nanos))]) : "");
        },
        more: (plot, width, top) => {
          if (limit) {
            plot.append(limitedLine(levels(limit.times, limits, recording, width), 40, top));
          }
          counts(reached, width).forEach((count, column) => plot.append(cross(column, 34)));
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
      measure: () => {},
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
    const step = (view.to - view.from) / Math.max(2, Math.floor(width / 130));
    const power = Math.pow(10, Math.floor(Math.log10(step)));
    const nice = [1, 2, 5, 10].map(each => each * power).find(each => each >= step);
    const all = [];
    for (let each = Math.ceil(view.from / nice) * nice; each <= view.to; each += nice) {
      all.push({nanos: each, words: each === 0 ? "0" : stamp(each, nice)});
    }
    return all;
  }

  function axis(parent) {
    const plot = svg("svg", {class: "axis", height: 20, role: "img", "aria-label": "Time"});
    parent.append(plot);
    charts.push({
      plot: plot,
      measure: () => {},
      draw: () => {
        const width = Math.max(1, Math.round(plot.clientWidth));
        plot.replaceChildren(...ticks(width).map(each => {
          const where = x(each.nanos, width);
          const anchor = where < 30 ? "start" : where > width - 30 ? "end" : "middle";
          return svg("g", {},
            svg("line", {x1: where, x2: where, y1: 15, y2: 20, class: "tick"}),
            svg("text", {x: where, y: 12, "text-anchor": anchor}, each.words));
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
  const command = html("code", {});
  const hint = html("p", {class: "note finer", hidden: ""},
    "Much happened: this time in finer steps is ", command);

  const told = nanos => stamp(nanos, (view.to - view.from) / 1000);

  function draw() {
    due = false;
    const all = drawings();
    all.forEach(each => each.measure());
    all.forEach(each => each.draw());
    where.textContent = told(view.from) + " to " + told(view.to);
    finer();
    point();
  }

  /** Where steps are wide, how a page of what is shown is made. */
  function finer() {
    const isWide = charts.some(each => each.step > FINEST &&
      each.step > WIDE * (view.to - view.from) / each.width);
    const seconds = nanos => +(nanos / 1e9).toFixed(6) + "s";
    hint.hidden = !isWide;
    command.textContent = isWide ? "highpage timeline " + data.files + " --from " +
      seconds(view.from) + " --to " + seconds(Math.ceil(view.to)) + " -o part.html" : "";
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
    const length = Math.min(longest - start, Math.max(SHORTEST, to - from));
    const first = Math.max(start, Math.min(from, longest - length));
    view = {from: first, to: first + length};
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
    where.textContent = "at " + told(cursor);
    point();
  }

  const STEPS = {
    "+": () => zoom(0.5),
    "=": () => zoom(0.5),
    "-": () => zoom(2),
    "_": () => zoom(2),
    "0": () => show(start, longest),
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
    return Math.max(start, Math.min(longest, at(event.clientX - box.left, box.width)));
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
      where.textContent = "at " + told(cursor);
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
      button("All", "All of it (0)", () => show(start, longest)),
      html("label", {for: "search"}, "Owner", input),
      status, where),
    patterns(), canvas, hint);

  // Both recordings are drawn in one scale.
  const allMost = Math.max(1, ...recordings.map(each => most(stacked(decoded(each.all).layers).pop())));
  const moves = [];
  const evictions = [];
  const waits = [];

  recordings.forEach(recording => {
    const part = html("section", {"aria-label": recording.name});
    canvas.append(part);
    if (recordings.length > 1) {
      part.append(html("h2", {}, html("bdi", {}, recording.name)));
    }
    axis(part);
    part.append(html("p", {class: "note"}, "Where the bytes of buffers were: ",
      ...data.tiers.flatMap((tier, i) => [key(i, tier), " "])));
    places(part, recording, "All buffers", recording.all, 110, allMost);
    recording.buffers.forEach(each => places(part, recording, each.name, each.tiers, 34));
    flows(part, recording, "Copied", recording.copied, MOVES, moves);
    flows(part, recording, "Evicted", recording.evicted, EVICTIONS, evictions);
    stalls(part, recording, waits);
    budgets(part, recording);
    bars.push(holders(part, recording));
  });

  root.hidden = false;
  search();
  show(start, longest);
  addEventListener("resize", soon);
  root.dataset.ready = "true";
})();
