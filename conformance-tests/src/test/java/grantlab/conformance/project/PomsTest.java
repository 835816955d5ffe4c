package grantlab.conformance.project;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The poms that inherit nothing from ours, and say the same nevertheless. */
class PomsTest {
    private static final Path ROOT = Path.of("..");

    /** Modules that are no library. */
    private static final List<String> NOT_IN_THE_BILL = List.of("bom", "benchmarks");

    @Test
    void theBillOfMaterialsHasEveryModule() throws Exception {
        List<String> modules = new ArrayList<>(texts(pom("pom.xml"), "module"));
        modules.removeAll(NOT_IN_THE_BILL);
        assertThat(artifacts(pom("bom/pom.xml"), "dependency").keySet())
                .containsExactlyInAnyOrderElementsOf(
                        modules.stream().map(module -> "grantlab-" + module).toList());
    }

    @Test
    void theBillOfMaterialsHasOurVersionAndPlugins() throws Exception {
        Element bill = pom("bom/pom.xml");
        assertThat(child(bill, "version")).isEqualTo(child(pom("pom.xml"), "version"));
        assertThat(artifacts(pom("pom.xml"), "plugin")).containsAllEntriesOf(artifacts(bill, "plugin"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"template", "example"})
    void aStrangersProjectIsBuiltWithWhatWeBuildWith(String project) throws Exception {
        Element ours = pom("pom.xml");
        Element theirs = pom("conformance-tests/" + project + "/pom.xml");
        assertThat(artifacts(ours, "plugin")).containsAllEntriesOf(artifacts(theirs, "plugin"));
        assertThat(texts(theirs, "grantlab.version")).containsExactly(child(ours, "version"));
        for (String property : List.of("junit.version", "maven.compiler.release", "project.build.sourceEncoding")) {
            assertThat(texts(theirs, property)).as(property).isEqualTo(texts(ours, property));
        }
    }

    private static Element pom(String path) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(ROOT.resolve(path).toFile())
                .getDocumentElement();
    }

    private static List<String> texts(Element within, String tag) {
        List<String> texts = new ArrayList<>();
        NodeList found = within.getElementsByTagName(tag);
        for (int n = 0; n < found.getLength(); n++) {
            texts.add(found.item(n).getTextContent().strip());
        }
        return texts;
    }

    /** Versions by artifact. */
    private static Map<String, String> artifacts(Element within, String tag) {
        Map<String, String> versions = new TreeMap<>();
        NodeList found = within.getElementsByTagName(tag);
        for (int n = 0; n < found.getLength(); n++) {
            Element element = (Element) found.item(n);
            if (!child(element, "version").isEmpty()) {
                versions.put(child(element, "artifactId"), child(element, "version"));
            }
        }
        return versions;
    }

    private static String child(Element element, String tag) {
        for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
            if (node.getNodeName().equals(tag)) {
                return node.getTextContent().strip();
            }
        }
        return "";
    }
}
