// SPDX-License-Identifier: Apache-2.0
package io.highpage.site;

import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.Heading;
import org.commonmark.node.Image;
import org.commonmark.node.Link;
import org.commonmark.node.Node;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;
import org.commonmark.renderer.html.HtmlRenderer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Renders the README, and what its links lead to, and so on, as pages of HTML whose links lead from
 * one to the other: documents, folders, and sources as they are. Confined to one thread.
 */
public final class Guide {
    private static final Pattern ELSEWHERE = Pattern.compile("[a-z]+:.*");
    private static final Pattern NOT_IN_ANCHORS = Pattern.compile("[^\\w\\- ]");
    private static final Path FIRST = Path.of("README.md");

    private final List<TablesExtension> extensions =
            List.of((TablesExtension) TablesExtension.create());
    private final Parser parser = Parser.builder().extensions(extensions).build();
    private final HtmlRenderer renderer = HtmlRenderer.builder()
            .extensions(extensions)
            .attributeProviderFactory(context -> Guide::identify)
            .build();

    private final Path root;
    private final Path target;
    private final String frame;

    /** Relative to the root; each is a page, or will be. */
    private final Set<Path> known = new HashSet<>();

    private final Deque<Path> left = new ArrayDeque<>();

    private Guide(Path root, Path target) throws IOException {
        this.root = root;
        this.target = target;
        try (InputStream text = Guide.class.getResourceAsStream("page.html")) {
            frame = new String(text.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /**
     * Renders all.
     *
     * @param arguments the project's folder, and the folder for the pages
     * @throws IllegalStateException if a link leads nowhere; names it and its document
     */
    public static void main(String[] arguments) throws IOException {
        Path root = Path.of(arguments[0]).toAbsolutePath().normalize();
        int pages = render(root, Path.of(arguments[1]));
        System.out.println(pages + " pages in " + arguments[1]);
    }

    /** {@return how many pages were rendered} */
    static int render(Path root, Path target) throws IOException {
        Guide guide = new Guide(root, target);
        guide.want(FIRST);
        while (!guide.left.isEmpty()) {
            guide.write(guide.left.remove());
        }
        return guide.known.size();
    }

    private void want(Path file) {
        if (known.add(file)) {
            left.add(file);
        }
    }

    private void write(Path file) throws IOException {
        Path source = root.resolve(file);
        String name = file.toString();
        if (isPicture(name)) {
            Path copy = target.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.write(copy, Files.readAllBytes(source));
        } else if (Files.isDirectory(source)) {
            page(file, parser.parse(listing(source)));
        } else if (name.endsWith(".md")) {
            page(file, parser.parse(Files.readString(source)));
        } else {
            page(file, parser.parse("# " + name + "\n\n" + fenced(Files.readString(source))));
        }
    }

    private static boolean isPicture(String name) {
        return name.endsWith(".svg") || name.endsWith(".png");
    }

    /** A fence longer than any in the text. */
    private static String fenced(String text) {
        String fence = "`".repeat(12);
        return fence + "\n" + text + "\n" + fence + "\n";
    }

    private String listing(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .sorted()
                    .map(name -> "- [" + name + "](" + name + ")")
                    .collect(Collectors.joining(
                            "\n", "# " + root.relativize(folder) + "\n\n", "\n"));
        }
    }

    private void page(Path file, Node document) throws IOException {
        Path folder = Files.isDirectory(root.resolve(file)) ? file : parent(file);
        document.accept(new AbstractVisitor() {
            @Override
            public void visit(Link link) {
                link.setDestination(rendered(file, folder, link.getDestination()));
                visitChildren(link);
            }

            @Override
            public void visit(Image image) {
                image.setDestination(rendered(file, folder, image.getDestination()));
            }
        });
        Path html = target.resolve(html(file));
        Files.createDirectories(html.getParent());
        String top = html.getParent().relativize(target).toString();
        Files.writeString(
                html,
                frame.replace("{title}", escaped(title(document, file)))
                        .replace("{top}", top.isEmpty() ? "." : top)
                        .replace("{body}", renderer.render(document)));
    }

    /** Where a link of a document leads to on its page. */
    private String rendered(Path document, Path folder, String link) {
        if (ELSEWHERE.matcher(link).matches() || link.startsWith("#")) {
            return link;
        }
        int hash = link.indexOf('#');
        String anchor = hash < 0 ? "" : link.substring(hash);
        Path file = folder.resolve(hash < 0 ? link : link.substring(0, hash)).normalize();
        if (file.startsWith("..") || !Files.exists(root.resolve(file))) {
            throw new IllegalStateException(
                    "the link " + link + " of " + document + " leads to nothing in " + root);
        }
        if (Files.isRegularFile(root.resolve(file).resolve(FIRST))) {
            file = file.resolve(FIRST);
        }
        want(file);
        return folder.relativize(html(file)) + anchor;
    }

    private Path html(Path file) {
        String name = file.toString();
        if (isPicture(name)) {
            return file;
        }
        if (Files.isDirectory(root.resolve(file))) {
            return file.resolve("index.html");
        }
        return Path.of(
                (name.endsWith(".md") ? name.substring(0, name.length() - 3) : name) + ".html");
    }

    private static Path parent(Path file) {
        Path parent = file.getParent();
        return parent == null ? Path.of("") : parent;
    }

    private static void identify(Node node, String tag, Map<String, String> attributes) {
        if (node instanceof Heading) {
            String anchor =
                    NOT_IN_ANCHORS.matcher(text(node).toLowerCase(Locale.ROOT)).replaceAll("");
            attributes.put("id", anchor.replace(' ', '-'));
        }
    }

    private static String title(Node document, Path file) {
        Node first = document.getFirstChild();
        return first instanceof Heading ? text(first) : file.toString();
    }

    private static String text(Node node) {
        StringBuilder all = new StringBuilder();
        node.accept(new AbstractVisitor() {
            @Override
            public void visit(Text text) {
                all.append(text.getLiteral());
            }

            @Override
            public void visit(Code code) {
                all.append(code.getLiteral());
            }
        });
        return all.toString();
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;");
    }
}
