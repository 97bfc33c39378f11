// SPDX-License-Identifier: Apache-2.0
package io.highpage.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.IdentifierTree;
import com.sun.source.tree.MemberSelectTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ModifiersTree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePathScanner;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

import javax.lang.model.element.Modifier;
import javax.lang.model.element.Name;

/** Which packages say what may be null; the compiler checks those that do, but for one kind. */
class NullMarkedTest {
    private static final Path ROOT = Path.of("..");

    /** The generated ones, which never will. */
    private static final Set<String> UNMARKED = Set.of("bindings.linux", "bindings.opencl");

    @Test
    void everyPackageOfAModule_isMarked() throws IOException {
        Set<String> unmarked = new TreeSet<>();
        int marked = 0;
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.map(each -> each.resolve("src/main/java"))
                    .filter(NullMarkedTest::isChecked)
                    .toList()) {
                try (Stream<Path> files = Files.walk(module)) {
                    for (Path file : files.filter(each -> each.endsWith("package-info.java"))
                            .toList()) {
                        if (Files.readString(file).contains("\n@NullMarked\n")) {
                            marked++;
                        } else {
                            unmarked.add(module.resolve("io/highpage")
                                    .relativize(file.getParent())
                                    .toString()
                                    .replace('/', '.'));
                        }
                    }
                }
            }
        }
        assertThat(unmarked).isEqualTo(UNMARKED);
        assertThat(marked).isGreaterThan(10);
    }

    /** Whether the compiler does: in modules, and where a pom says so. */
    private static boolean isChecked(Path sources) {
        try {
            return Files.exists(sources.resolve("module-info.java"))
                    || Files.exists(sources)
                            && Files.readString(sources.resolve("../../../pom.xml"))
                                    .contains("<id>nulls</id>");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    /** As a transitive one javac would look for it when a program's own module is compiled. */
    @Test
    void annotations_areAskedOfNoProgram() throws IOException {
        int modules = 0;
        for (Path info : SourceFiles.below(ROOT, "module-info.java")) {
            String text = Files.readString(info);
            if (text.contains("org.jspecify")) {
                assertThat(text).as("%s", info).contains("requires static org.jspecify;");
                modules++;
            }
        }
        assertThat(modules).isGreaterThan(5);
    }

    /**
     * The compiler believes that a field that was found not to be null stays so, which one that
     * another thread clears does not: that is read once, into a variable.
     */
    @Test
    void volatileFieldsThatMayBeNull_areUsedFromAVariable() throws IOException {
        Uses uses = new Uses();
        for (CompilationUnitTree unit : SourceFiles.parser(SourceFiles.main()).parse()) {
            uses.fields.clear();
            new Fields(uses.fields).scan(unit, null);
            uses.scan(unit, null);
            uses.counted += uses.fields.size();
        }
        assertThat(uses.counted).isGreaterThan(15);
        assertThat(uses.found).isEmpty();
    }

    /** The volatile fields of a file that may be null. */
    private static final class Fields extends TreePathScanner<Void, Void> {
        private final Set<String> found;

        Fields(Set<String> found) {
            this.found = found;
        }

        @Override
        public Void visitVariable(VariableTree variable, Void nothing) {
            ModifiersTree modifiers = variable.getModifiers();
            String type = modifiers.getAnnotations() + " " + variable.getType();
            if (modifiers.getFlags().contains(Modifier.VOLATILE) && type.contains("@Nullable")) {
                found.add(variable.getName().toString());
            }
            return super.visitVariable(variable, nothing);
        }
    }

    /** Members that are asked of such a field itself, where no variable hides it. */
    private static final class Uses extends TreePathScanner<Void, Void> {
        final Set<String> fields = new TreeSet<>();
        final List<String> found = new ArrayList<>();
        int counted;

        private final Set<String> variables = new TreeSet<>();

        @Override
        public Void visitMethod(MethodTree method, Void nothing) {
            variables.clear();
            return super.visitMethod(method, nothing);
        }

        @Override
        public Void visitVariable(VariableTree variable, Void nothing) {
            if (!variable.getModifiers().getFlags().contains(Modifier.VOLATILE)) {
                variables.add(variable.getName().toString());
            }
            return super.visitVariable(variable, nothing);
        }

        @Override
        public Void visitMemberSelect(MemberSelectTree select, Void nothing) {
            boolean used = switch (select.getExpression()) {
                case IdentifierTree plain -> isField(plain.getName()) && isSeen(plain.getName());
                case MemberSelectTree member -> isField(member.getIdentifier());
                default -> false;
            };
            if (used) {
                found.add(getCurrentPath().getCompilationUnit().getSourceFile().getName() + ": "
                        + select);
            }
            return super.visitMemberSelect(select, nothing);
        }

        private boolean isField(Name name) {
            return fields.contains(name.toString());
        }

        private boolean isSeen(Name name) {
            return !variables.contains(name.toString());
        }
    }
}
