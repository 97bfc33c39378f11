// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.LineMap;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import com.sun.source.util.SourcePositions;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import javax.lang.model.element.Modifier;

/**
 * Keeps what the formatter cannot, in all modules: it leaves long comments and strings as they are,
 * breaks a comment behind code in the middle, joins the lines of some examples, and counts nothing.
 */
class ShapeTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final int COLUMNS = 100;
    private static final int PARAMETERS = 6;
    private static final int LINES = 30;
    private static final Pattern CODE_AND_COMMENT = Pattern.compile(".*[^\\s/].* // .*");
    private static final Pattern GOES_ON = Pattern.compile("\\s*// [^A-Z].*");

    /**
     * Records that are one flat row: of a report, of a trace, of what a driver says of a device, of
     * what JMX shows, of an application's settings. Groups in them would be there to be counted,
     * and nobody hands them on apart.
     */
    private static final List<String> ROWS = List.of(
            "Access: 8",
            "AccessEnd: 9",
            "BudgetReached: 7",
            "BufferAllocation: 7",
            "BufferResidency: 8",
            "ClDeviceFacts: 11",
            "CountedTraffic: 8",
            "DeviceState: 10",
            "Eviction: 13",
            "Figure: 8",
            "HeldRange: 13",
            "HolderState: 10",
            "Machine: 10",
            "Migration: 15",
            "Move: 9",
            "OpenHolder: 12",
            "Pin: 8",
            "Rejection: 11",
            "Report: 8",
            "Row: 7",
            "Settings: 7",
            "TraceStep: 8",
            "Unpin: 8");

    /**
     * Methods with longer bodies: tables, and steps that say no more apart. Who mends one takes it
     * out; none is added, and none grows.
     */
    private static final Map<String, Integer> LONG = Map.ofEntries(
            Map.entry("Bound.bytes", 43),
            Map.entry("Bound.flow", 37),
            Map.entry("ClCodes.names", 90),
            Map.entry("DeviceContract.view_ofARange_isWhatTheKindSays", 37),
            Map.entry("Goals.pins", 47),
            Map.entry("Goals.scarce", 37),
            Map.entry("Latency.measure", 41),
            Map.entry("Operation.moveBatch", 32),
            Map.entry("PolicyChart.draw", 36),
            Map.entry("Reaper.isPrepared", 44),
            Map.entry("Reaper.reap", 36),
            Map.entry("Reaper.until", 60),
            Map.entry("StackRoom.longFrame", 59),
            Map.entry("Trace.text", 34),
            Map.entry("TraceParser.step", 36),
            Map.entry("Workloads.training", 36));

    private static String at(Path file, int line) {
        return ROOT.relativize(file) + ":" + line;
    }

    @Test
    void lines_endAt100Columns() throws IOException {
        List<String> longer = new ArrayList<>();
        for (Path file : SourceFiles.own()) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (line.length() > COLUMNS && !line.startsWith("import ")) {
                    longer.add(at(file, number) + " has " + line.length());
                }
            }
        }
        assertThat(longer).isEmpty();
    }

    @Test
    void comments_behindCode_endOnItsLine() throws IOException {
        List<String> broken = new ArrayList<>();
        for (Path file : SourceFiles.own()) {
            List<String> lines = Files.readAllLines(file);
            for (int i = 1; i < lines.size(); i++) {
                if (CODE_AND_COMMENT.matcher(lines.get(i - 1)).matches()
                        && GOES_ON.matcher(lines.get(i)).matches()) {
                    broken.add(at(file, i) + " goes on in the next line: put it above the code");
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    @Test
    void examples_areInPre() throws IOException {
        List<String> joined = new ArrayList<>();
        for (Path file : SourceFiles.own()) {
            int number = 0;
            for (String line : Files.readAllLines(file)) {
                number++;
                if (line.matches("\\s*\\* .*\\{@snippet .*")) {
                    joined.add(at(file, number) + ": <pre>{@code keeps its lines");
                }
            }
        }
        assertThat(joined).isEmpty();
    }

    @Test
    void methodsAndConstructors_haveSixParametersAtMost() throws IOException {
        Parameters parameters = new Parameters();
        for (CompilationUnitTree unit : SourceFiles.parser(SourceFiles.main()).parse()) {
            parameters.scan(unit, null);
        }
        assertThat(parameters.counted).isGreaterThan(2000);
        assertThat(parameters.tooMany).containsExactlyInAnyOrderElementsOf(ROWS);
    }

    @Test
    void methods_haveThirtyLinesAtMost() throws IOException {
        JavacTask parser = SourceFiles.parser(SourceFiles.main());
        Lengths lengths = new Lengths(Trees.instance(parser).getSourcePositions());
        for (CompilationUnitTree unit : parser.parse()) {
            lengths.scan(unit, null);
        }
        assertThat(lengths.counted).isGreaterThan(2000);
        List<String> longer = lengths.found.entrySet().stream()
                .filter(found -> found.getValue() > LONG.getOrDefault(found.getKey(), LINES))
                .map(Object::toString)
                .toList();
        assertThat(longer).isEmpty();
        assertThat(lengths.found.keySet()).as("mended: take out").containsAll(LONG.keySet());
    }

    /** Finds methods and constructors with long bodies; of overloads the longest. */
    private static final class Lengths extends TreePathScanner<Void, Void> {
        final Map<String, Integer> found = new TreeMap<>();
        int counted;

        private final SourcePositions positions;

        Lengths(SourcePositions positions) {
            this.positions = positions;
        }

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            if (method.getBody() != null) {
                CompilationUnitTree unit = getCurrentPath().getCompilationUnit();
                LineMap lines = unit.getLineMap();
                long first =
                        lines.getLineNumber(positions.getStartPosition(unit, method.getBody()));
                long last = lines.getLineNumber(positions.getEndPosition(unit, method.getBody()));
                int length = (int) (last - first + 1);
                counted++;
                if (length > LINES) {
                    ClassTree type =
                            (ClassTree) getCurrentPath().getParentPath().getLeaf();
                    found.merge(type.getSimpleName() + "." + method.getName(), length, Math::max);
                }
            }
            return super.visitMethod(method, nothing);
        }
    }

    /** Finds what has too many parameters; of a record its components. */
    private static final class Parameters extends TreePathScanner<Void, Void> {
        final List<String> tooMany = new ArrayList<>();
        int counted;

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            ClassTree type = (ClassTree) getCurrentPath().getParentPath().getLeaf();
            int parameters = method.getParameters().size();
            boolean constructor = method.getName().contentEquals("<init>");
            if (!constructor) {
                count(type.getSimpleName() + "." + method.getName(), parameters);
            } else if (type.getKind() != Tree.Kind.RECORD || parameters != components(type)) {
                count(type.getSimpleName().toString(), parameters);
            }
            return super.visitMethod(method, nothing);
        }

        @Override
        public Void visitClass(ClassTree type, Void nothing) {
            if (type.getKind() == Tree.Kind.RECORD) {
                count(type.getSimpleName().toString(), components(type));
            }
            return super.visitClass(type, nothing);
        }

        private static long components(ClassTree record) {
            return record.getMembers().stream()
                    .filter(VariableTree.class::isInstance)
                    .map(VariableTree.class::cast)
                    .filter(field -> !field.getModifiers().getFlags().contains(Modifier.STATIC))
                    .count();
        }

        private void count(String name, long parameters) {
            counted++;
            if (parameters > PARAMETERS) {
                tooMany.add(name + ": " + parameters);
            }
        }
    }
}
