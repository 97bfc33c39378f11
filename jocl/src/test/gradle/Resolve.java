// SPDX-License-Identifier: Apache-2.0

import org.gradle.api.Project;
import org.gradle.api.artifacts.dsl.DependencyHandler;
import org.gradle.testfixtures.ProjectBuilder;

import java.io.File;

/**
 * Has Gradle find the class path of a project with a platform and a dependency, in the local Maven
 * repository. Started as a source file, with Gradle's classes on the class path.
 */
public class Resolve {
    public static void main(String[] arguments) {
        int code = 1;
        try {
            resolve(arguments);
            code = 0;
        } catch (RuntimeException failed) {
            failed.printStackTrace();
        }
        System.exit(code); // Gradle's threads go on
    }

    private static void resolve(String[] arguments) {
        Project project = ProjectBuilder.builder()
                .withProjectDir(new File(arguments[0]))
                .withGradleUserHomeDir(new File(arguments[1]))
                .build();
        project.getPluginManager().apply("java");
        project.getRepositories().mavenLocal();
        DependencyHandler dependencies = project.getDependencies();
        dependencies.add("implementation", dependencies.platform(arguments[2]));
        dependencies.add("implementation", arguments[3]);
        for (File jar : project.getConfigurations().getByName("runtimeClasspath").resolve()) {
            System.out.println("jar " + jar);
        }
    }
}
