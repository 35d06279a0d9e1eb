package io.sluice.machine;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** The test classes that last longest, by the reports of surefire and failsafe. The build prints them at its end. */
public final class SlowestTests {
    private static final int SHOWN = 10;

    private SlowestTests() {}

    /**
     * Prints them.
     *
     * @param args the folders of the reports; those that do not exist hold none
     */
    public static void main(String[] args) throws IOException, XMLStreamException {
        List<Path> folders = new ArrayList<>();
        for (String folder : args) {
            folders.add(Path.of(folder));
        }
        slowest(folders).forEach(System.out::println);
    }

    /** A heading and a line for each, with its seconds, the slowest first; empty without reports. */
    static List<String> slowest(List<Path> folders) throws IOException, XMLStreamException {
        List<Timed> classes = new ArrayList<>();
        for (Path folder : folders) {
            if (Files.isDirectory(folder)) {
                classes.addAll(reported(folder));
            }
        }
        List<String> lines = new ArrayList<>();
        classes.stream()
                .sorted(Comparator.comparingDouble(Timed::seconds).reversed())
                .limit(SHOWN)
                .map(timed -> String.format(Locale.ROOT, "%7.1f s  %s", timed.seconds(), timed.name()))
                .forEach(lines::add);
        if (!lines.isEmpty()) {
            lines.addFirst("The slowest of " + classes.size() + " test classes:");
        }
        return lines;
    }

    private record Timed(String name, double seconds) {}

    private static List<Timed> reported(Path folder) throws IOException, XMLStreamException {
        List<Timed> classes = new ArrayList<>();
        try (DirectoryStream<Path> reports = Files.newDirectoryStream(folder, "TEST-*.xml")) {
            for (Path report : reports) {
                Timed timed = read(report);
                // A report stays behind when its class is renamed or deleted.
                if (exists(timed.name())) {
                    classes.add(timed);
                }
            }
        }
        return classes;
    }

    private static boolean exists(String type) {
        return SlowestTests.class.getClassLoader().getResource(type.replace('.', '/') + ".class") != null;
    }

    private static Timed read(Path report) throws IOException, XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        try (InputStream content = Files.newInputStream(report)) {
            XMLStreamReader xml = factory.createXMLStreamReader(content);
            try {
                xml.nextTag();
                // Seconds with a comma for thousands.
                String seconds = xml.getAttributeValue(null, "time").replace(",", "");
                return new Timed(xml.getAttributeValue(null, "name"), Double.parseDouble(seconds));
            } finally {
                xml.close();
            }
        }
    }
}
