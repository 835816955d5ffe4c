package grantlab.hypervisor.invariant;

import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.mapping.Maptrack;
import grantlab.hypervisor.mapping.Pins;
import grantlab.hypervisor.operation.MapFlags;
import java.util.Arrays;

/** What the live mappings of one granter's references add up to. */
final class UseTally {
    /** Whose references. */
    final Domain granter;

    private int[] pins = {};
    private int[] mappings = {};
    private int[] records = {};

    UseTally(Domain granter) {
        this.granter = granter;
    }

    /** Adds word 0 of a handle of the granter's. */
    void count(long mapping) {
        int reference = (int) Maptrack.reference(mapping);
        pin(reference, MapFlags.access(Maptrack.flags(mapping)));
        mappings[reference]++;
    }

    /** Adds a mapping that has no handle of the table's: one of slot 0. */
    void countRecord(int reference, int access) {
        pin(reference, access);
        records[reference]++;
    }

    private void pin(int reference, int access) {
        if (reference >= pins.length) {
            int size = Math.max(reference + 1, 2 * pins.length);
            pins = Arrays.copyOf(pins, size);
            mappings = Arrays.copyOf(mappings, size);
            records = Arrays.copyOf(records, size);
        }
        pins[reference] += Pins.increment(access);
    }

    /** References below this may have uses. */
    int size() {
        return pins.length;
    }

    /** The pins that a reference must have. */
    int pins(int reference) {
        return reference < pins.length ? pins[reference] : 0;
    }

    /** How many mappings with a handle a reference has. */
    int mappings(int reference) {
        return reference < mappings.length ? mappings[reference] : 0;
    }

    /** How many mappings through slot 0 a reference has. */
    int records(int reference) {
        return reference < records.length ? records[reference] : 0;
    }
}
