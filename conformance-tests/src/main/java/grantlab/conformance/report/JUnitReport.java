package grantlab.conformance.report;

import grantlab.conformance.Cell;
import grantlab.conformance.Combination;
import grantlab.conformance.MatrixResult;
import grantlab.conformance.Outcome;
import grantlab.conformance.Tally;
import java.io.StringWriter;
import java.time.Instant;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/** JUnit's XML, as build servers read it: one test suite per combination, one test case per clause. */
public final class JUnitReport {
    private static final double NANOS_PER_SECOND = 1e9;

    private final MatrixResult result;
    private final Instant started;
    private final XMLStreamWriter xml;

    private JUnitReport(MatrixResult result, Instant started, XMLStreamWriter xml) {
        this.result = result;
        this.started = started;
        this.xml = xml;
    }

    /**
     * Renders.
     *
     * @param result of a matrix
     * @param started when it began
     * @return an XML document
     */
    public static String of(MatrixResult result, Instant started) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(text);
            new JUnitReport(result, started, xml).suites();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a string can always be written to", e);
        }
        return text.toString();
    }

    private void suites() throws XMLStreamException {
        xml.writeStartDocument("UTF-8", "1.0");
        xml.writeCharacters("\n");
        xml.writeStartElement("testsuites");
        xml.writeAttribute("name", "grantlab matrix");
        xml.writeAttribute("time", seconds(result.nanos()));
        counts(result.tally());
        for (Combination combination : result.combinations()) {
            suite(combination);
        }
        xml.writeCharacters("\n");
        xml.writeEndElement();
        xml.writeEndDocument();
    }

    private void suite(Combination combination) throws XMLStreamException {
        long nanos = result.cells(combination).stream()
                .mapToLong(cell -> cell.cost().nanos())
                .sum();
        xml.writeCharacters("\n  ");
        xml.writeStartElement("testsuite");
        xml.writeAttribute("name", combination.name());
        xml.writeAttribute("timestamp", started.toString());
        xml.writeAttribute("time", seconds(nanos));
        counts(Tally.of(result.cells(combination)));
        for (Cell cell : result.cells(combination)) {
            testCase(cell);
        }
        xml.writeCharacters("\n  ");
        xml.writeEndElement();
    }

    private void counts(Tally tally) throws XMLStreamException {
        xml.writeAttribute("tests", String.valueOf(tally.run() + tally.notApplicable()));
        xml.writeAttribute("failures", String.valueOf(tally.failed()));
        xml.writeAttribute("errors", String.valueOf(tally.errors()));
        xml.writeAttribute("skipped", String.valueOf(tally.notApplicable()));
    }

    private void testCase(Cell cell) throws XMLStreamException {
        xml.writeCharacters("\n    ");
        xml.writeStartElement("testcase");
        xml.writeAttribute("classname", cell.combination().name());
        xml.writeAttribute(
                "name", legal(cell.promise().id() + " " + cell.promise().text()));
        xml.writeAttribute("time", seconds(cell.cost().nanos()));
        switch (cell.outcome()) {
            case Outcome.Passed passed -> {}
            case Outcome.NotApplicable notApplicable -> {
                xml.writeEmptyElement("skipped");
                xml.writeAttribute("message", legal(notApplicable.reason()));
            }
            case Outcome.Failed failed -> {
                xml.writeStartElement(failed.error() ? "error" : "failure");
                xml.writeAttribute("message", legal(failed.message()));
                xml.writeAttribute("type", failed.error() ? "error" : "broken promise");
                xml.writeCharacters(legal(String.join("\n", FailureText.complete(cell, failed))));
                xml.writeEndElement();
            }
        }
        xml.writeEndElement();
    }

    private static String seconds(long nanos) {
        return String.format(Locale.ROOT, "%.6f", nanos / NANOS_PER_SECOND);
    }

    /** XML 1.0 has no control characters but tab, newline and return. */
    private static String legal(String text) {
        StringBuilder legal = new StringBuilder();
        text.codePoints().forEach(c -> {
            boolean control = c < ' ' && c != '\t' && c != '\n' && c != '\r';
            boolean surrogate = c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
            legal.appendCodePoint(control || surrogate || c == 0xfffe || c == 0xffff ? '?' : c);
        });
        return legal.toString();
    }
}
