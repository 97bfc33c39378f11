// SPDX-License-Identifier: Apache-2.0
package io.highpage.internal.page;

import static org.assertj.core.api.Assertions.assertThat;

import static java.util.stream.Collectors.toSet;

import io.highpage.bindings.linux.io_uring_params;
import io.highpage.docs.SourceFiles;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.invoke.VarHandle;
import java.lang.reflect.AccessFlag;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Every ordered access says right above its statement which order it is, why, and what it pairs
 * with: {@code ORD acquire: why; pairs with the release of publish()}.
 *
 * <p>Accesses are found by the methods that the compiled classes call, however the source spells
 * them: what a {@link VarHandle} does in an order, its fences, all of {@link Words}, and changes of
 * the JDK's atomic values, also by a class that extends one. A handle made into a method handle,
 * behind which no order is seen, counts as volatile. Modules that are not read have no such access.
 * Plain accesses have no order. Volatile fields and plain reads of atomic values have theirs from
 * their declaration and need no comment, but can be paired with. The words of a table themselves,
 * {@link Words} and {@link OffHeapWords}, are left out: each of their methods is one access, which
 * its callers speak of.
 *
 * <p>A comment names the order of the method that is called. What it pairs with is {@code itself},
 * {@code the kernel's} side, or methods of its class or another ({@code Class.method()}), which
 * must have such an access of their own; {@code as method()} refers to the comment there, for an
 * access of the same order. An opaque access may pair with nothing.
 */
class OrderedAccessTest {
    /** How many accesses have a comment: where they get fewer, has this test gone blind? */
    private static final Map<String, Integer> SITES = Map.ofEntries(
            Map.entry("Account", 1),
            Map.entry("BudgetNode", 7),
            Map.entry("BufferMaker", 1),
            Map.entry("Checks", 2),
            Map.entry("ClNotices", 1),
            Map.entry("Commits", 4),
            Map.entry("DeviceHeap", 5),
            Map.entry("DeviceSlot", 1),
            Map.entry("DeviceWindow", 4),
            Map.entry("EventNotices", 3),
            Map.entry("FreshMemory", 1),
            Map.entry("GoingBack", 2),
            Map.entry("HolderSlot", 11),
            Map.entry("HolderSlots", 4),
            Map.entry("HomeCharge", 3),
            Map.entry("LaterClose", 4),
            Map.entry("LinuxMemory", 1),
            Map.entry("MigrationPool", 3),
            Map.entry("Once", 3),
            Map.entry("OpenAccess", 3),
            Map.entry("OwnedFuture", 3),
            Map.entry("PageLocks", 1),
            Map.entry("PageRuntime", 1),
            Map.entry("PageTable", 15),
            Map.entry("PublishedFuture", 2),
            Map.entry("Queues", 4),
            Map.entry("RangeHolder", 6),
            Map.entry("Reclaimer", 1),
            Map.entry("Residents", 8),
            Map.entry("RingFile", 4),
            Map.entry("RingLock", 1),
            Map.entry("SharedWork", 7),
            Map.entry("SignalHandlers", 1),
            Map.entry("Turn", 3),
            Map.entry("UseCount", 2),
            Map.entry("Uses", 5),
            Map.entry("Workers", 9));

    private static final Path RUNTIME = Path.of("src/main/java");
    private static final Set<String> SEAM = Set.of("Words", "OffHeapWords");

    private static final String WORDS = "io/highpage/internal/page/";
    private static final String ATOMIC = "java/util/concurrent/atomic/";
    private static final String VAR_HANDLE = "java/lang/invoke/VarHandle";

    private static final Set<String> WORDS_METHODS =
            Arrays.stream(Words.class.getDeclaredMethods()).map(Method::getName).collect(toSet());
    private static final Set<String> VAR_HANDLE_METHODS = Arrays.stream(
                    VarHandle.AccessMode.values())
            .map(VarHandle.AccessMode::methodName)
            .collect(toSet());
    private static final String METHOD_HANDLE = "toMethodHandle";
    private static final Pattern ATOMIC_METHOD =
            Pattern.compile("(get|set|lazySet|attempt.*|.*And.*)(Plain|Opaque|Acquire|Release)?");

    private static final Pattern COMMENT = Pattern.compile("ORD (\\w+): (.*)");
    private static final Pattern PAIRS = Pattern.compile("pairs with (.*?)(?=[.;:] |[.;:]?$)");
    private static final Pattern AS = Pattern.compile("as ((?:\\w+\\.)?\\w+\\(\\)).*");
    private static final Pattern KERNEL =
            Pattern.compile("the kernel's (acquire|release) of the (head|tail)");
    private static final Pattern METHOD =
            Pattern.compile("(?:the (\\w+) of )?(?:(\\w+)\\.)?(\\w+)\\(\\)");

    /** What each order pairs with. */
    private static final Map<String, Set<String>> PARTNERS = Map.of(
            "acquire", Set.of("release", "volatile"),
            "release", Set.of("acquire", "volatile"),
            "volatile", Set.of("acquire", "release", "volatile"),
            "fence", Set.of("fence"),
            "opaque", Set.of("acquire", "release", "volatile", "fence", "opaque"));

    /** {@code silent}: has an order, but needs no comment. */
    private record Access(String method, int line, String called, String order, boolean silent) {}

    /** What one source file says, and what was compiled of it. */
    private record Source(
            Path path, List<String> lines, Set<String> methods, Set<Access> accesses) {

        private String name() {
            return path.getFileName().toString().replace(".java", "");
        }

        private String at(int line) {
            return path.getFileName() + ":" + line + ": " + lines.get(line - 1).strip() + ": ";
        }

        /** {@return the lines of the comment right above the statement that goes on in a line} */
        private List<Integer> commentAbove(int line) {
            int start = line;
            while (!isBetween(lines.get(start - 2))) {
                start--;
            }
            List<Integer> found = new ArrayList<>();
            for (int above = start - 1; lines.get(above - 1).strip().startsWith("//"); above--) {
                found.addFirst(above);
            }
            return found;
        }

        /** {@return whether a line is outside of any statement that goes on below it} */
        private static boolean isBetween(String line) {
            String code = line.replaceFirst("//.*", "").strip();
            return code.isEmpty() || code.matches(".*[;{}]|.*\\*/");
        }

        /** {@return whether a method has an access in one of some orders} */
        private boolean has(String method, Set<String> orders, boolean withComment) {
            return accesses.stream()
                    .filter(access -> access.method.equals(method))
                    .filter(access -> !withComment || !access.silent)
                    .anyMatch(access -> orders.contains(access.order));
        }
    }

    /** Modules that are read, jextract's output, and what measures, attacks or tests them. */
    private static final Set<String> MODULES = Set.of(
            "runtime", "opencl", "uring", "bindings", "bench", "sparkbench", "stress", "testkit");

    private final Map<String, Source> sources = new TreeMap<>();

    /** What each class extends, of those that were compiled here. */
    private final Map<String, String> parents = new HashMap<>();

    private final List<String> wrong = new ArrayList<>();

    @Test
    void everyOrderedAccess_saysWhatItPairsWith(@TempDir Path folder) throws Exception {
        read(locationOf(PageTable.class), RUNTIME);
        compileAndRead(Path.of("../opencl"), folder.resolve("opencl"));
        compileAndRead(Path.of("../uring"), folder.resolve("uring"));
        Map<String, Integer> sites = new TreeMap<>();
        for (Source source : sources.values()) {
            int count = check(source);
            if (count > 0) {
                sites.put(source.name(), count);
            }
        }
        assertThat(wrong).as("ordered accesses and their comments").isEmpty();
        assertThat(sites)
                .as("ordered accesses; if some came or went on purpose, change SITES")
                .isEqualTo(SITES);
    }

    @Test
    void otherModules_haveNone() throws IOException {
        Path root = Path.of("..").toAbsolutePath().normalize();
        List<Path> modules;
        try (Stream<Path> folders = Files.list(root)) {
            modules = folders.filter(
                            each -> !MODULES.contains(each.getFileName().toString()))
                    .map(each -> each.resolve("src/main/java"))
                    .filter(Files::isDirectory)
                    .toList();
        }
        List<Path> found = new ArrayList<>();
        for (Path module : modules) {
            for (Path file : SourceFiles.below(module, ".java")) {
                String text = Files.readString(file);
                if (text.contains("java.util.concurrent.atomic") || text.contains("VarHandle")) {
                    found.add(root.relativize(file));
                }
            }
        }
        assertThat(modules).as("modules looked at").hasSizeGreaterThan(5);
        assertThat(found)
                .as("sources with ordered accesses in a module that this test does not read")
                .isEmpty();
    }

    // ---- comments ----

    /** {@return how many accesses need a comment} */
    private int check(Source source) {
        Set<Integer> read = new HashSet<>();
        int sites = 0;
        for (Access access : source.accesses) {
            if (!access.silent) {
                sites++;
                checkComment(source, access, read);
            }
        }
        for (int line = 1; line <= source.lines.size(); line++) {
            if (COMMENT.matcher(source.lines.get(line - 1)).find() && !read.contains(line)) {
                wrong.add(source.at(line) + "is not right above a statement with such an access");
            }
        }
        return sites;
    }

    /** Looks for the comment of an access; {@code read} gets the line where it begins. */
    private void checkComment(Source source, Access access, Set<Integer> read) {
        StringBuilder text = null;
        for (int line : source.commentAbove(access.line)) {
            String said = source.lines.get(line - 1).strip().substring(2).strip();
            Matcher comment = COMMENT.matcher(said);
            if (comment.matches()) {
                boolean found = comment.group(1).equals(access.order);
                if (text == null && found) {
                    read.add(line);
                    text = new StringBuilder(comment.group(2));
                } else if (text != null) {
                    break;
                }
            } else if (text != null) {
                text.append(' ').append(said);
            }
        }
        if (text == null) {
            wrong.add(source.at(access.line) + "no comment ORD " + access.order + " above it");
        } else {
            checkText(source, access, text.toString());
        }
    }

    private void checkText(Source source, Access access, String text) {
        Matcher as = AS.matcher(text);
        Matcher pairs = PAIRS.matcher(text);
        if (as.matches()) {
            checkMethod(source, access, as.group(1), Set.of(access.order), true);
        } else if (!text.contains("pairs with ") && !access.order.equals("opaque")) {
            wrong.add(source.at(access.line) + "does not say what it pairs with: " + text);
        }
        while (pairs.find()) {
            for (String pair : pairs.group(1).split(",? and (with )?|, (with )?")) {
                checkPair(source, access, pair);
            }
        }
    }

    private void checkPair(Source source, Access access, String pair) {
        Set<String> partners = PARTNERS.get(access.order);
        Matcher kernel = KERNEL.matcher(pair);
        if (pair.equals("itself")) {
            if (!partners.contains(access.order)) {
                wrong.add(source.at(access.line) + "such an order does not pair with itself");
            }
        } else if (!kernel.matches()) {
            checkMethod(source, access, pair, partners, false);
        } else if (!partners.contains(kernel.group(1))) {
            wrong.add(source.at(access.line) + "does not pair with " + pair);
        }
    }

    /** Checks that a method exists and has an access in one of these orders. */
    private void checkMethod(
            Source source, Access access, String said, Set<String> orders, boolean withComment) {
        Matcher method = METHOD.matcher(said);
        if (!method.matches()) {
            wrong.add(source.at(access.line) + "is neither a method nor itself: " + said);
            return;
        }
        Source of = method.group(2) == null ? source : sources.get(method.group(2));
        Set<String> wanted = new HashSet<>(orders);
        if (method.group(1) != null) {
            wanted.retainAll(Set.of(method.group(1)));
        }
        if (of == null || !of.methods.contains(method.group(3))) {
            wrong.add(source.at(access.line) + "there is no " + said);
        } else if (!of.has(method.group(3), wanted, withComment)) {
            wrong.add(source.at(access.line) + said + " has no access that is one of " + orders);
        }
    }

    // ---- classes ----

    private static Path locationOf(Class<?> type) throws URISyntaxException {
        return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
    }

    /** Compiles a module that is built after this one, and reads it. */
    private void compileAndRead(Path module, Path into) throws Exception {
        Path root = module.resolve("src/main/java");
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d"));
        arguments.addAll(List.of(into.toString(), "-cp"));
        // Annotations are on one of the paths, which one is Surefire's choice.
        arguments.add(String.join(
                ":",
                locationOf(PageTable.class).toString(),
                locationOf(io_uring_params.class).toString(),
                System.getProperty("java.class.path"),
                System.getProperty("jdk.module.path", "")));
        try (Stream<Path> files = Files.walk(root)) {
            files.map(Path::toString)
                    .filter(file -> file.endsWith(".java") && !file.endsWith("module-info.java"))
                    .forEach(arguments::add);
        }
        int failed = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(System.out, System.err, arguments.toArray(String[]::new));
        assertThat(failed).as("errors of javac, see above").isZero();
        read(into, root);
    }

    private void read(Path classes, Path root) throws IOException {
        List<ClassModel> models = new ArrayList<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : (Iterable<Path>) files.filter(
                    each -> each.toString().matches(".*(?<!-info)\\.class"))::iterator) {
                models.add(ClassFile.of().parse(file));
            }
        }
        Set<String> volatiles = new HashSet<>();
        for (ClassModel model : models) {
            model.superclass()
                    .ifPresent(parent -> parents.put(
                            model.thisClass().asInternalName(), parent.asInternalName()));
            model.fields().stream()
                    .filter(field -> field.flags().has(AccessFlag.VOLATILE))
                    .forEach(field -> volatiles.add(model.thisClass().asInternalName() + "."
                            + field.fieldName().stringValue()));
        }
        for (ClassModel model : models) {
            Source source = source(model, root);
            for (MethodModel method :
                    SEAM.contains(source.name()) ? List.<MethodModel>of() : model.methods()) {
                String name = sourceName(model, method);
                source.methods.add(name);
                method.code().ifPresent(code -> addAccesses(source, name, code, volatiles));
            }
        }
    }

    private Source source(ClassModel model, Path root) throws IOException {
        String file = model.findAttribute(Attributes.sourceFile())
                .map(SourceFileAttribute::sourceFile)
                .orElseThrow()
                .stringValue();
        String of = model.thisClass().asInternalName();
        Path path = root.resolve(of).resolveSibling(file);
        String name = file.replace(".java", "");
        Source known = sources.get(name);
        if (known == null) {
            known = new Source(
                    path, Files.readAllLines(path), new HashSet<>(), new LinkedHashSet<>());
            sources.put(name, known);
        }
        assertThat(known.path).as("one class of this name").isEqualTo(path);
        return known;
    }

    /** {@return the name in the source; of a lambda the method that it is in} */
    private static String sourceName(ClassModel model, MethodModel method) {
        String name = method.methodName().stringValue();
        String in = name.startsWith("lambda$") ? name.split("\\$")[1] : name;
        return in.equals("<init>") || in.equals("new")
                ? model.thisClass().asInternalName().replaceFirst(".*[/$]", "")
                : in;
    }

    private void addAccesses(
            Source source, String method, CodeModel code, Collection<String> volatiles) {
        int line = 0;
        for (CodeElement element : code) {
            if (element instanceof LineNumber number) {
                line = number.line();
            } else if (element instanceof InvokeInstruction call) {
                String owner = call.owner().asInternalName();
                addAccess(source, method, line, owner, call.name().stringValue());
            } else if (element instanceof InvokeDynamicInstruction made) {
                for (var argument : made.bootstrapArgs()) {
                    if (argument instanceof DirectMethodHandleDesc handle) { // such as value::get
                        String owner = handle.owner().descriptorString();
                        addAccess(
                                source,
                                method,
                                line,
                                owner.substring(1, owner.length() - 1),
                                handle.methodName());
                    }
                }
            } else if (element instanceof FieldInstruction field
                    && volatiles.contains(
                            field.owner().asInternalName() + "." + field.name().stringValue())) {
                source.accesses.add(
                        new Access(method, line, field.name().stringValue(), "volatile", true));
            }
        }
    }

    /** Adds a call if it is an ordered access. A finally block is compiled more than once. */
    private void addAccess(Source source, String method, int line, String type, String called) {
        String owner = type;
        while (parents.containsKey(owner) && !isSeam(owner)) {
            owner = parents.get(owner);
        }
        String order = order(owner, called);
        if (!order.equals("plain")) {
            boolean silent = owner.startsWith(ATOMIC) && called.equals("get");
            source.accesses.add(new Access(method, line, called, order, silent));
        }
    }

    private static boolean isSeam(String owner) {
        return owner.startsWith(WORDS) && SEAM.contains(owner.substring(WORDS.length()));
    }

    /** {@return the order of a method; plain if it is no access} */
    private static String order(String owner, String method) {
        boolean ofHandle = owner.equals(VAR_HANDLE);
        if (ofHandle && method.endsWith("Fence")) {
            return "fence";
        }
        boolean isAccess = ofHandle && method.equals(METHOD_HANDLE)
                || ofHandle && VAR_HANDLE_METHODS.contains(method)
                || owner.startsWith(ATOMIC) && ATOMIC_METHOD.matcher(method).matches()
                || isSeam(owner) && WORDS_METHODS.contains(method);
        if (!isAccess
                || method.endsWith("Plain")
                || ofHandle && (method.equals("get") || method.equals("set"))) {
            return "plain";
        }
        Matcher named = Pattern.compile("acquire|release|opaque").matcher(method.toLowerCase());
        return named.find() ? named.group() : method.equals("lazySet") ? "release" : "volatile";
    }
}
