package grantlab.conformance.clause;

import grantlab.api.grant.EntryCodec;
import grantlab.api.grant.EntryCodec.Field;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.World;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Entries by the names of their fields, as scripts write them and reports print them. */
public final class FieldClauses implements ClauseFamily {
    private static final String SOURCE = "EntryCodec; script-language.md";
    private static final Pattern VERB = Pattern.compile("[a-z][a-z0-9]*");
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");

    /** For ServiceLoader. */
    public FieldClauses() {}

    @Override
    public String prefix() {
        return "FIELD";
    }

    @Override
    public String title() {
        return "Entries by the names of their fields";
    }

    @Clause(
            id = "FIELD-01",
            promise = "Each kind of entry has a name of its own, and each field of it; at least one kind is shown.",
            source = SOURCE)
    void names(World world) {
        List<EntryCodec> codecs = world.format().codecs();
        Expect.holds("there is a kind of entry", !codecs.isEmpty());
        Set<String> verbs = new HashSet<>();
        for (EntryCodec codec : codecs) {
            Expect.holds(
                    "a verb of scripts: '" + codec.verb() + "'",
                    VERB.matcher(codec.verb()).matches());
            Expect.holds("'" + codec.verb() + "' is one kind", verbs.add(codec.verb()));
            Set<String> names = new HashSet<>();
            for (Field field : codec.fields()) {
                Expect.holds(
                        "a name: '" + field.name() + "'",
                        NAME.matcher(field.name()).matches());
                Expect.holds("'" + field.name() + "' of " + codec.verb() + " is one field", names.add(field.name()));
            }
            Expect.holds(codec.verb() + " has fields", !names.isEmpty());
        }
    }

    @Clause(
            id = "FIELD-02",
            promise =
                    "What is written to a field is read from it, as far as it fits; no other field and nothing beside the entry"
                            + " changes.",
            source = SOURCE)
    void oneAtATime(World world) {
        for (EntryCodec codec : world.format().codecs()) {
            for (Field field : codec.fields()) {
                world.step("field " + field.name() + " of " + codec.verb());
                alone(world, codec, field, 0);
                alone(world, codec, field, -1);
            }
        }
    }

    /** One field is changed from what surrounds it, and back. */
    private static void alone(World world, EntryCodec codec, Field changed, int surroundings) {
        MachineMemory memory = world.machine().memory();
        long page = Page.address(world.granter().machineFrame(0));
        long entry = page + Page.SIZE / 2;
        memory.fill(page, Page.SIZE, (byte) surroundings);
        long[] before = codec.fields().stream()
                .mapToLong(field -> codec.get(memory, entry, field))
                .toArray();
        for (long value : new long[] {~surroundings, 1, surroundings}) {
            codec.set(memory, entry, changed, value);
            for (int n = 0; n < before.length; n++) {
                Field field = codec.fields().get(n);
                long got = codec.get(memory, entry, field);
                if (!field.equals(changed)) {
                    Expect.equal(field.name() + " beside it", before[n], got);
                } else if (value == -1) {
                    Expect.holds("its bits are the lowest ones", got != 0 && (got & (got + 1)) == 0);
                } else {
                    Expect.equal("what was written", value, got);
                }
            }
            for (int at = 0; at < Page.SIZE; at += Long.BYTES) {
                boolean inside = page + at >= entry && page + at < entry + codec.bytes();
                Expect.holds(
                        "nothing at " + at + " beside the entry", inside || memory.load64(page + at) == surroundings);
            }
        }
    }
}
