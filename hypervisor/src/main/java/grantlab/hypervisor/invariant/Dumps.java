package grantlab.hypervisor.invariant;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.FlatFormat;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineRam;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.mapping.Acts;
import grantlab.hypervisor.mapping.Maptrack;
import java.util.StringJoiner;

/** Writes down what the hypervisor knows of a domain: table, pins, handles, memory. For a machine at rest. */
public final class Dumps {
    private static final int MOST_LINES = 64;

    private final Domains domains;
    private final MachineRam ram;
    private final Accounts accounts;

    /**
     * Over a machine.
     *
     * @param domains its domains
     * @param ram its memory
     * @param accounts who is charged for what
     */
    public Dumps(Domains domains, MachineRam ram, Accounts accounts) {
        this.domains = domains;
        this.ram = ram;
        this.accounts = accounts;
    }

    /**
     * One domain.
     *
     * @param domid which
     * @return its state; of none, that there is none
     */
    public DomainDump of(int domid) {
        Domain domain = domains.find(domid);
        if (domain == null) {
            return new DomainDump(domid, "domain " + domid + ": does not exist");
        }
        StringJoiner lines = new StringJoiner(System.lineSeparator());
        head(domain, lines);
        entries(domain, lines);
        mappings(domain, lines);
        Charges charges = accounts.of(domid);
        if (!charges.none()) {
            charges.text().lines().forEach(line -> lines.add("  " + line));
        }
        return new DomainDump(domid, lines.toString());
    }

    private void head(Domain domain, StringJoiner lines) {
        FrameTable frames = ram.frames();
        String life = domain.dying() ? "dying" : domain.crashed() ? "crashed" : "running";
        lines.add("domain %d: %s, %s, %d pages, %d table frames"
                .formatted(
                        domain.domid(),
                        domain.config().paging(),
                        life,
                        frames.pages(domain.domid()),
                        domain.grantTable().sharedCount()));
    }

    private void entries(Domain domain, StringJoiner lines) {
        FlatFormat format = domain.grantTable().inForce().format();
        EntryCodec codec = format.codecs().getFirst();
        Acts acts = domain.grantTable().acts();
        long size = domain.grantTable().inForce().table().size();
        int shown = 0;
        for (int reference = 0; reference < size && shown < MOST_LINES; reference++) {
            long address = codec.address(domain.tableFrames(), reference);
            String entry = entry(codec, address);
            int pins = acts.pinsNow(reference);
            if (!entry.isEmpty() || pins != 0) {
                shown++;
                lines.add("  ref %d: %s%s".formatted(reference, entry, pins == 0 ? "" : pinned(acts, reference, pins)));
            }
        }
    }

    private String entry(EntryCodec codec, long address) {
        StringJoiner fields = new StringJoiner(" ");
        boolean anything = false;
        for (EntryCodec.Field field : codec.fields()) {
            long value = codec.get(ram.memory(), address, field);
            anything |= value != 0;
            fields.add(field.name() + "=" + Long.toHexString(value));
        }
        return anything ? fields.toString() : "";
    }

    private static String pinned(Acts acts, int reference, int pins) {
        return " pinned by d%d: pins=%08x frame=%x".formatted(acts.granteeNow(reference), pins, acts.frame(reference));
    }

    private static void mappings(Domain domain, StringJoiner lines) {
        Maptrack maptrack = domain.maptrack();
        int shown = 0;
        for (int handle = 0; handle < maptrack.capacity() && shown < MOST_LINES; handle++) {
            long mapping = maptrack.mapping(handle);
            if (mapping != 0) {
                shown++;
                lines.add("  handle %d: d%d ref %d flags=%x place=%x"
                        .formatted(
                                handle,
                                Maptrack.granter(mapping),
                                Maptrack.reference(mapping),
                                Maptrack.flags(mapping),
                                maptrack.place(handle)));
            }
        }
    }
}
