package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Map;
import grantlab.api.guest.Vcpu;
import grantlab.conformance.Expect;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Gate;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A CPU of the grantee of a siege: it maps what it gets, uses what it has, and unmaps when it likes, mappings of operation 0 also at
 * each other's address.
 */
final class Grabber extends Siege.Besieger {
    /** Slots of one CPU; an even one and the next are a pair. */
    private static final int SLOTS = 28;

    private static final int ARGUMENT_PAGES = 56;
    private static final int COPY_PAGES = 50;
    private static final int[] OFFSETS = {0, 8, 2048, 4088};
    private static final int ATTEMPTS = 10_000_000;
    private static final int CROWD = 16;

    /** What a map or a copy may be told while its grant comes and goes. */
    static final Set<Integer> REFUSALS = Set.of(
            Status.GENERAL_ERROR,
            Status.BAD_GNTREF,
            Status.PERMISSION_DENIED,
            Status.REVOKED,
            Status.UNSTABLE,
            Status.BUSY);

    private final Party grantee;
    private final Grants grants;
    private final boolean flat;
    private final BooleanSupplier crowd;
    private final Vcpu vcpu;
    private final Cpu cpu;
    private final V3Gate gate;
    private final TreeDriver driver;
    private final int slots;
    private final int firstSlot;
    private final int copyPage;
    private final @Nullable Held[] held = new Held[SLOTS];

    /** Of each pair: one mapping was unmapped at the address of the other, which is now at one of both. */
    private final boolean[] crossed = new boolean[SLOTS / 2];

    private int attempts;

    /**
     * A mapping.
     *
     * @param n index of the grant
     * @param writable whether it writes
     * @param handle of operation 0
     * @param leaf as v3_map answered, or null
     */
    private record Held(
            int n, boolean writable, int handle, @Nullable V3Answer leaf) {}

    Grabber(World world, Grants grants, boolean flat, BooleanSupplier crowd, int number, Vcpu vcpu, long seed) {
        this(world, grants, flat, crowd, number, vcpu, SLOTS, seed);
    }

    private Grabber(
            World world,
            Grants grants,
            boolean flat,
            BooleanSupplier crowd,
            int number,
            Vcpu vcpu,
            int slots,
            long seed) {
        super(seed);
        this.slots = slots;
        this.grantee = world.grantee();
        this.grants = grants;
        this.flat = flat;
        this.crowd = crowd;
        this.vcpu = vcpu;
        int page = ARGUMENT_PAGES + 3 * number;
        this.cpu = new Cpu(vcpu, grantee.page(page + 2));
        this.gate = new V3Gate(vcpu, grantee.area(grantee.page(page)), grantee.area(grantee.page(page + 1)));
        this.driver = new TreeDriver(grantee);
        this.firstSlot = SLOTS * number;
        this.copyPage = COPY_PAGES + number;
    }

    /** The second CPU, which has two mappings of leaves at most. */
    static Grabber modest(World world, Grants grants, Vcpu vcpu, long seed) {
        return new Grabber(world, grants, false, () -> false, 1, vcpu, 2, seed);
    }

    @Override
    boolean turn() {
        int slot = random.nextInt(slots);
        Held mapping = held[slot];
        int choice = random.nextInt(16);
        if (mapping == null && !crossed[slot / 2]) {
            map(slot);
        } else if (choice < 6) {
            look(slot);
        } else if (choice < 9) {
            vcpu.store(address(slot) + offset(), Long.BYTES, Words.THEIRS | choice);
        } else if (choice < 11) {
            copy(index(), choice == 9);
        } else if (mapping != null) {
            unmap(slot, mapping);
        }
        return true;
    }

    /** Maps one grant wherever it can, before the siege begins. */
    void crowd(int n) {
        for (int slot = 0; slot < SLOTS; slot++) {
            map(slot, n);
            Expect.holds("a mapping of what was granted", held[slot] != null);
        }
    }

    @Override
    boolean cleanUp() {
        boolean clean = true;
        for (int slot = 0; slot < SLOTS; slot++) {
            Held mapping = held[slot];
            if (mapping != null) {
                unmap(slot, mapping);
                clean = false;
            }
        }
        return clean;
    }

    private long address(int slot) {
        return grantee.slot(firstSlot + slot);
    }

    private int offset() {
        return OFFSETS[random.nextInt(OFFSETS.length)];
    }

    /** While there is a crowd one grant has most of all mappings, more than a slice. */
    private int index() {
        return random.nextInt(CROWD) != 0 && crowd.getAsBoolean() ? 0 : random.nextInt(Siege.INDICES);
    }

    private void map(int slot) {
        map(slot, index());
    }

    private void map(int slot, int n) {
        boolean writable = random.nextBoolean();
        if (flat && random.nextBoolean()) {
            MapCall call = MapCall.of(World.GRANTER, grants.ref(n)).at(address(slot));
            Mapped mapped = cpu.call(writable ? call : call.readonly());
            if (went(mapped.status())) {
                held[slot] = new Held(n, writable, mapped.handle(), null);
            }
            return;
        }
        int flags =
                V3Map.ACCEPT_FAULT | (writable ? V3Map.WRITE : 0) | (random.nextBoolean() ? V3Map.ACCEPT_DOWNGRADE : 0);
        V3Answer answer =
                gate.call(driver.mapping(grants.ref(n), firstSlot + slot).and(flags));
        if (went(answer.status())) {
            held[slot] = new Held(n, writable, 0, answer);
        }
    }

    private static boolean went(int status) {
        if (status != Status.OKAY && !REFUSALS.contains(status)) {
            Expect.status("status of a map or a copy", Status.OKAY, status);
        }
        return status == Status.OKAY;
    }

    private void look(int slot) {
        if (vcpu.load(address(slot) + offset(), Long.BYTES) == 0) {
            Words.expectNotSecret("a CPU of the grantee", vcpu.value());
        }
    }

    private void copy(int n, boolean out) {
        long own = grantee.page(copyPage);
        if (!out) {
            vcpu.store(own, Long.BYTES, Words.THEIRS | n);
        }
        if (!went(flat && random.nextBoolean() ? copyByReference(n, out) : copyLeaf(n, out))) {
            return;
        }
        Expect.equal("fault at a page of its own", 0, vcpu.load(own, Long.BYTES));
        Words.expectNotSecret("a copy", vcpu.value());
    }

    private int copyByReference(int n, boolean out) {
        CopyCall.End remote = CopyCall.of(World.GRANTER, grants.ref(n), 0);
        CopyCall.End local = CopyCall.own(grantee.pageFrame(copyPage), 0);
        return cpu.call(out ? CopyCall.from(remote, local, Long.BYTES) : CopyCall.to(local, remote, Long.BYTES))
                .status();
    }

    private int copyLeaf(int n, boolean out) {
        return gate.call(driver.copying(grants.ref(n), copyPage, Long.BYTES).and(out ? 0 : V3Copy.TO_REMOTE))
                .status();
    }

    // ---- unmapping

    private void unmap(int slot, Held mapping) {
        int status = mapping.leaf == null
                ? unmapHandle(slot, mapping)
                : gate.call(TreeDriver.unmapping(mapping.leaf)).status();
        if (status == Status.OKAY) {
            held[slot] = null;
            attempts = 0;
        } else {
            // A revocation is at it; or, of two that may have changed places, it is at the other.
            boolean elsewhere = crossed[slot / 2] && status == Status.GENERAL_ERROR;
            if (!elsewhere) {
                Expect.status("status of the unmapping", Status.EAGAIN, status);
            }
            Expect.holds("a mapping stands at one of two addresses", ++attempts < ATTEMPTS);
        }
    }

    private int unmapHandle(int slot, Held mapping) {
        int other = slot ^ 1;
        if (crossed[slot / 2]) {
            // Not in turns: with two such mappings left each would see the same turn for ever.
            int at = random.nextBoolean() ? slot : other;
            int status = unmapAt(mapping, at);
            crossed[slot / 2] = status != Status.OKAY;
            return status;
        }
        Held partner = held[other];
        boolean alike = partner != null
                && partner.leaf == null
                && partner.n % Siege.PAGES == mapping.n % Siege.PAGES
                && partner.writable == mapping.writable;
        if (!alike || random.nextBoolean()) {
            return unmapAt(mapping, slot);
        }
        int status = unmapAt(mapping, other);
        if (status == Status.GENERAL_ERROR) {
            // The other one is gone by a revocation, and its place with it.
            return Status.EAGAIN;
        }
        crossed[slot / 2] = status == Status.OKAY;
        return status;
    }

    private int unmapAt(Held mapping, int slot) {
        return cpu.call(UnmapCall.of(mapping.handle).at(address(slot))).status();
    }
}
