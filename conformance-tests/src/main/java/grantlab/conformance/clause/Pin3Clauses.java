package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Invalidate;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Sync;
import grantlab.api.abi.V3Unmap;
import grantlab.api.guest.Vcpu;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import grantlab.conformance.call.V3Gate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/** The races of section 7.4: a granter that changes an entry while a grantee begins or ends a use of it. */
@Needs(format = "layout-tree")
public final class Pin3Clauses implements ClauseFamily {
    private static final int INDEX = 5;
    private static final int ROUNDS = 300;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final long POISON = 0x0bad_0bad_0bad_0badL;

    /** For ServiceLoader. */
    public Pin3Clauses() {}

    @Override
    public String prefix() {
        return "PIN3";
    }

    @Override
    public String title() {
        return "Entries that change while they are used";
    }

    /** A compare-exchange of the granter's. @return whether it was done; else the witness is the CPU's value */
    private static boolean exchange(Party granter, long address, long expected, long replacement) {
        Expect.equal(
                "fault of the granter's own entry",
                0,
                granter.vcpu().compareAndExchange(address, Long.BYTES, expected, replacement));
        return granter.vcpu().value() == expected;
    }

    /** A grantee that maps, looks and unmaps until somebody says that it is over. */
    private record Backend3(TreeDriver driver, V3Gate gate, Set<Integer> statuses, AtomicBoolean over) {
        static Backend3 of(Party party) {
            return new Backend3(
                    new TreeDriver(party), party.gate(), ConcurrentHashMap.newKeySet(), new AtomicBoolean());
        }

        void run(V3Call map, Race.Runner whileMapped) {
            for (int turn = 1; !over.get(); turn++) {
                V3Answer answer = gate.call(map);
                statuses.add(answer.status());
                if (answer.status() == Status.OKAY) {
                    whileMapped.run();
                    V3Answer unmapped = gate.call(TreeDriver.unmapping(answer));
                    Expect.okay(unmapped);
                    Expect.equal("pages unmapped", 1, unmapped.get(V3Unmap.DONE));
                }
                Race.giveWayNowAndThen(turn);
            }
        }

        void expectOnly(Integer... allowed) {
            Set<Integer> others = ConcurrentHashMap.newKeySet();
            others.addAll(statuses);
            Set.of(allowed).forEach(others::remove);
            Expect.equal("other statuses", Set.of(), Set.copyOf(others));
        }
    }

    /**
     * The granter grants p0, takes the grant back by its own means, uses the page for something else, and begins anew. Whoever
     * has it mapped never sees the something else.
     */
    private static void takeBackAndReuse(World world, long ended, Integer... allowed) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        Backend3 backend = Backend3.of(grantee);
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        long entry = tree.entry(1, INDEX);
        V3Call map = backend.driver().mapping(tree.ref(INDEX), 0);
        granter.store(entry, ended);
        Race.run(
                () -> {
                    try {
                        for (int round = 1; round <= ROUNDS; round++) {
                            granter.store(granter.page(0), round);
                            granter.store(entry, leaf);
                            Race.moment(round);
                            for (int tries = 0; !exchange(granter, entry, leaf, ended); tries++) {
                                Race.expectSoon("the granter's turn", tries);
                                Thread.onSpinWait();
                            }
                            granter.store(granter.page(0), POISON);
                            Race.moment(round);
                        }
                    } finally {
                        backend.over().set(true);
                    }
                },
                () -> backend.run(map, () -> {
                    for (int n = 0; n < 8; n++) {
                        Expect.different("what the grantee sees while it maps", POISON, grantee.load(grantee.slot(0)));
                    }
                }));
        backend.expectOnly(allowed);
        Expect.equal("the entry", ended, tree.get(INDEX));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-01",
            promise =
                    "A map against a withdrawal: one of the two succeeds, and a granter that withdrew has its page alone.",
            source = "grant-v3.md, PIN-1, 3.3 (b), (f)")
    void withdrawal(World world) {
        takeBackAndReuse(world, 0, Status.OKAY, Status.BAD_GNTREF, Status.UNSTABLE);
    }

    @Needs(format = "large-leaves")
    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-08",
            promise =
                    "Map and unmap against an invalidation: when it has returned nothing is written any more to what was the"
                            + " node.",
            source = "grant-v3.md, TLB-4")
    void invalidation(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        Backend3 backend = Backend3.of(world.grantee());
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        V3Call map = backend.driver().mapping(tree.ref(INDEX), 0).and(V3Map.WRITE);
        long entry = tree.entry(1, INDEX);
        long table = tree.get(2, INDEX);
        granter.store(entry, leaf);
        Race.run(
                () -> {
                    try {
                        for (int round = 0; round < 4 * ROUNDS; round++) {
                            Race.moment(round);
                            tree.put(2, INDEX, 0);
                            Expect.okay(granter.call(tree.naming(V3Form.INVALIDATE)
                                    .with(V3Invalidate.LEVEL, 2)
                                    .with(V3Invalidate.PREFIX, INDEX)));
                            long word = granter.load(entry);
                            for (int n = 0; n < 64; n++) {
                                Thread.onSpinWait();
                                Expect.equal("a word of what was a node", word, granter.load(entry));
                            }
                            granter.store(entry, leaf);
                            tree.put(2, INDEX, table);
                        }
                    } finally {
                        backend.over().set(true);
                    }
                },
                () -> backend.run(map, () -> {}));
        backend.expectOnly(Status.OKAY, Status.BAD_GNTREF, Status.UNSTABLE);
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-02",
            promise =
                    "A tombstone against a map: once the granter put it over a word that nobody used, no map succeeds.",
            source = "grant-v3.md, PIN-4, 3.3 (d)")
    void tombstone(World world) {
        long closed = RawTree.leaf(world.granter().pageFrame(0), V3Entry.W) | V3Entry.TOMBSTONE;
        takeBackAndReuse(world, closed, Status.OKAY, Status.REVOKED, Status.UNSTABLE);
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-03",
            promise =
                    "A map for writing against the end of W: a granter that cleared W while nobody wrote is the only one who"
                            + " writes.",
            source = "grant-v3.md, PIN-5, 3.3 (c)")
    void narrowing(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        Backend3 backend = Backend3.of(grantee);
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        long entry = tree.entry(1, INDEX);
        V3Call map = backend.driver().mapping(tree.ref(INDEX), 0).and(V3Map.WRITE);
        granter.store(entry, leaf);
        Race.run(
                () -> {
                    try {
                        for (int round = 1; round <= ROUNDS; round++) {
                            long word = granter.load(entry);
                            for (int tries = 0;
                                    (word & V3Entry.MAPPED_W) != 0
                                            || !exchange(granter, entry, word, word & ~V3Entry.W);
                                    tries++) {
                                Race.expectSoon("the granter's turn", tries);
                                word = granter.load(entry);
                            }
                            granter.store(granter.page(0), round);
                            for (int n = 0; n < 8; n++) {
                                Sight.value(granter, granter.page(0), round);
                            }
                            word = granter.load(entry);
                            for (int tries = 0; !exchange(granter, entry, word, word | V3Entry.W); tries++) {
                                Race.expectSoon("the granter's turn", tries);
                                word = granter.load(entry);
                            }
                            Race.moment(round);
                        }
                    } finally {
                        backend.over().set(true);
                    }
                },
                () -> backend.run(map, () -> grantee.store(grantee.slot(0), POISON)));
        backend.expectOnly(Status.OKAY, Status.PERMISSION_DENIED, Status.UNSTABLE);
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
    }

    @Clause(
            id = "PIN3-04",
            promise =
                    "Two CPUs map and unmap one leaf: whoever has it finds it marked, and with the last of them the marks"
                            + " go.",
            source = "grant-v3.md, PIN-3, PIN-8, I3, I4")
    void twoMaps(World world) {
        Party granter = world.granter();
        Party grantee = Rebuilt.grantee(world, config -> config.withVcpus(2));
        Vcpu second = Rebuilt.secondCpu(world, grantee);
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        long ref = tree.grant(INDEX, 0, V3Entry.W);
        long references = world.references(0);
        long word = Page.address(granter.domain()
                        .physicalMap()
                        .machineFrame(granter.kernel().frameOf(tree.node(1, INDEX))))
                | Page.offset(tree.entry(1, INDEX));
        V3Gate secondGate = new V3Gate(second, grantee.area(grantee.page(10)), grantee.area(grantee.page(11)));
        V3Gate[] gates = {grantee.gate(), secondGate};
        V3Call reads = driver.mapping(ref, 0);
        V3Call writes = driver.mapping(ref, 1).and(V3Map.WRITE);
        Race.run(
                () -> mapAgainAndAgain(world, gates[0], reads, word, V3Entry.MAPPED_R),
                () -> mapAgainAndAgain(world, gates[1], writes, word, IN_USE));
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
        Expect.equal("references", references, world.references(0));
        driver.expectMaps(ref);
    }

    private static void mapAgainAndAgain(World world, V3Gate gate, V3Call map, long word, long marks) {
        for (int n = 0; n < ROUNDS; n++) {
            V3Answer mapped = gate.call(map);
            Expect.okay(mapped);
            Expect.bits("the leaf", marks, marks, world.machine().memory().load64Acquire(word));
            Expect.okay(gate.call(TreeDriver.unmapping(mapped)));
        }
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-05",
            promise = "An unpin does not touch the marks of a new grant of the same index.",
            source = "grant-v3.md, PIN-2")
    void newGrant(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long old = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        long[] grants = {old | 1L << V3Entry.GEN_SHIFT, RawTree.leaf(granter.pageFrame(1), V3Entry.W)};
        for (long next : grants) {
            for (long marks : new long[] {0, V3Entry.MAPPED_R, IN_USE, IN_USE | V3Entry.W_SEEN}) {
                tree.put(INDEX, old);
                V3Answer mapped = driver.hold(tree.ref(INDEX), 0, V3Map.WRITE);
                tree.put(INDEX, next | marks);
                driver.letGo(mapped);
                Expect.equal("the new grant", next | marks, tree.get(INDEX));
            }
        }
        driver.expectMaps(tree.ref(INDEX));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-06",
            promise =
                    "An entry whose frame or generation changed while it is in use is busy for new uses, until the last of"
                            + " the old ones is gone.",
            source = "grant-v3.md, PIN-7, MAP-26")
    void busy(World world) {
        Party granter = world.granter();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        tree.put(INDEX, leaf);
        V3Answer mapped = driver.hold(tree.ref(INDEX), 5, 0);
        V3Answer again = driver.hold(tree.ref(INDEX), 6, 0);
        long marked = tree.get(INDEX);
        for (long changed : new long[] {
            RawTree.leaf(granter.pageFrame(1), V3Entry.W),
            RawTree.leaf(granter.pageFrame(1), V3Entry.W) | IN_USE,
            leaf | 1L << V3Entry.GEN_SHIFT,
            marked | 8L << V3Entry.GEN_SHIFT
        }) {
            tree.put(INDEX, changed);
            driver.expectRefused(Status.BUSY, tree.ref(INDEX));
            Expect.equal("the entry", changed, tree.get(INDEX));
        }
        world.step("as it was, but for what is the guest's to change: no other grant");
        tree.put(INDEX, marked | V3Entry.SW_MASK | V3Entry.NOTIFY);
        driver.expectMaps(tree.ref(INDEX));
        tree.put(INDEX, RawTree.leaf(granter.pageFrame(1), V3Entry.W));
        driver.letGo(again);
        driver.expectRefused(Status.BUSY, tree.ref(INDEX));
        driver.letGo(mapped);
        driver.expectMaps(tree.ref(INDEX));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-09",
            promise =
                    "W_SEEN says that somebody could write: neither a reader who comes and goes, nor a copy out, nor a sync sets it; a"
                            + " writer's end does.",
            source = "grant-v3.md, 4 (W_SEEN), PIN-8")
    void onlyWritersAreSeen(World world) {
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(world.grantee());
        V3Call sync = tree.naming(V3Form.SYNC).with(V3Sync.FIRST, INDEX).with(V3Sync.COUNT, 1);
        long reference = tree.grant(INDEX, 0, V3Entry.W);
        world.step("a reader, a copy, a sync");
        driver.letGo(driver.hold(reference, 0, 0));
        Expect.okay(world.grantee().call(driver.copying(reference, 1, Long.BYTES)));
        Expect.okay(world.granter().call(sync));
        Expect.bits("leaf", V3Entry.W_SEEN, 0, tree.get(INDEX));
        world.step("a writer, whose mark the granter takes back; then a reader and a sync");
        driver.letGo(driver.hold(reference, 0, V3Map.WRITE));
        Expect.bits("leaf", V3Entry.W_SEEN, V3Entry.W_SEEN, tree.get(INDEX));
        tree.put(INDEX, tree.get(INDEX) & ~V3Entry.W_SEEN);
        driver.letGo(driver.hold(reference, 0, 0));
        Expect.okay(world.granter().call(sync));
        Expect.bits("leaf", V3Entry.W_SEEN, 0, tree.get(INDEX));
    }

    @DisturbedByDevices(DeviceSight.WORDS)
    @Clause(
            id = "PIN3-07",
            promise =
                    "A word that another CPU keeps changing is looked at a bounded number of times, by maps, copies and"
                            + " unmaps; what is left is in order.",
            source = "grant-v3.md, PIN-6, SEC-3")
    void restless(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        RawTree tree = RawTree.of(world);
        TreeDriver driver = new TreeDriver(grantee);
        V3Gate gate = grantee.gate();
        long leaf = RawTree.leaf(granter.pageFrame(0), V3Entry.W);
        long entry = tree.entry(1, INDEX);
        granter.store(entry, leaf);
        long references = world.references(0);
        Set<Integer> statuses = ConcurrentHashMap.newKeySet();
        AtomicBoolean over = new AtomicBoolean();
        Race.run(
                () -> {
                    for (long n = 0; !over.get(); n++) {
                        granter.store(entry, leaf | (n & 7) << V3Entry.GEN_SHIFT | (n & 0x7f) << V3Entry.SW_SHIFT);
                    }
                },
                () -> {
                    try {
                        V3Call map = driver.mapping(tree.ref(INDEX), 0).and(V3Map.WRITE);
                        V3Call copy = driver.copying(tree.ref(INDEX), 0, 64);
                        for (int n = 0; n < ROUNDS; n++) {
                            V3Answer mapped = gate.call(map);
                            statuses.add(mapped.status());
                            statuses.add(gate.call(copy).status());
                            if (mapped.status() == Status.OKAY) {
                                Expect.okay(gate.call(TreeDriver.unmapping(mapped)));
                            }
                        }
                    } finally {
                        over.set(true);
                    }
                });
        for (int status : statuses) {
            Expect.holds(
                    "status " + status + " is one of a changing word",
                    Set.of(Status.OKAY, Status.UNSTABLE, Status.BUSY).contains(status));
        }
        Expect.equal("references", references, world.references(0));
        tree.put(INDEX, leaf);
        driver.letGo(driver.hold(tree.ref(INDEX), 0, V3Map.WRITE));
        Expect.bits("the leaf", IN_USE, 0, tree.get(INDEX));
    }
}
