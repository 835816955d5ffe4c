package grantlab.conformance.report;

import grantlab.api.Capability;
import grantlab.api.Provider;
import grantlab.hypervisor.Installed;
import java.util.Comparator;
import java.util.List;

/** What ServiceLoader found: what {@code grantlab list} prints. */
public final class InstalledReport {
    private InstalledReport() {}

    /** The document for programs. */
    record Document(
            List<Implementation> grantFormats,
            List<Implementation> pagingModes,
            List<Implementation> iommus,
            List<Implementation> memories,
            List<Implementation> transports) {
        private static Document of(Installed installed) {
            return new Document(
                    installed.formats().stream().map(Implementation::of).toList(),
                    installed.pagingModes().stream().map(Implementation::of).toList(),
                    installed.iommus().stream().map(Implementation::of).toList(),
                    installed.memories().stream()
                            .map(memory -> new Implementation(
                                    memory.name(), memory.getClass().getName(), List.of()))
                            .toList(),
                    installed.transports().stream().map(Implementation::of).toList());
        }
    }

    /** One implementation. */
    record Implementation(String name, String provider, List<Capability> capabilities) {
        private static Implementation of(Provider<?> provider) {
            return new Implementation(
                    provider.name(),
                    provider.getClass().getName(),
                    provider.capabilities().stream()
                            .sorted(Comparator.comparing(Capability::id))
                            .toList());
        }
    }

    /**
     * For people.
     *
     * @param installed what there is
     * @param paint colours or none
     * @return lines, each with its end
     */
    public static String text(Installed installed, Paint paint) {
        Document document = Document.of(installed);
        StringBuilder out = new StringBuilder();
        section(out, paint, "Grant formats  (grant-format)", document.grantFormats());
        section(out, paint, "Paging modes  (paging)", document.pagingModes());
        section(
                out,
                paint,
                "IOMMU  (iommu; strict is identity for PV domains, separate-wo for others)",
                document.iommus());
        section(out, paint, "Machine memory  (memory)", document.memories());
        section(out, paint, "Virtio transports", document.transports());
        return out.toString().stripTrailing() + "\n";
    }

    private static void section(StringBuilder out, Paint paint, String title, List<Implementation> implementations) {
        int names = longest(implementations.stream().map(Implementation::name).toList());
        int ids = longest(implementations.stream()
                .flatMap(implementation -> implementation.capabilities().stream())
                .map(Capability::id)
                .toList());
        out.append(paint.strong(title)).append('\n');
        if (implementations.isEmpty()) {
            out.append("  none\n");
        }
        for (Implementation implementation : implementations) {
            out.append("  ").append(Columns.pad(implementation.name(), names));
            out.append("  ").append(paint.faint(implementation.provider())).append('\n');
            for (Capability capability : implementation.capabilities()) {
                String head = " ".repeat(4 + names) + Columns.pad(capability.id(), ids) + "  ";
                Columns.hanging(head, capability.meaning())
                        .forEach(line -> out.append(line).append('\n'));
            }
        }
        out.append('\n');
    }

    private static int longest(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }

    /**
     * For programs.
     *
     * @param installed what there is
     * @return a JSON object, indented
     */
    public static String json(Installed installed) {
        return JsonReport.indented(Document.of(installed));
    }
}
