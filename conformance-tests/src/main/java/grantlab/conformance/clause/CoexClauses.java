package grantlab.conformance.clause;

import grantlab.api.Status;
import grantlab.api.abi.Gtf;
import grantlab.api.abi.V3Copy;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.memory.Page;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.DisturbedByDevices;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.conformance.call.CopyCall;
import grantlab.conformance.call.GetVersionCall;
import grantlab.conformance.call.MapCall;
import grantlab.conformance.call.Mapped;
import grantlab.conformance.call.QuerySizeCall;
import grantlab.conformance.call.SetVersionCall;
import grantlab.conformance.call.TableSize;
import grantlab.conformance.call.UnmapCall;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.Version;

/** Trees beside the flat table, and slot 0, by which calls of trees reach it. */
@Needs(format = "layout-tree")
public final class CoexClauses implements ClauseFamily {
    private static final int REF = 9;
    private static final int INDEX = 5;
    private static final long POOL = 1000;
    private static final long IN_USE = V3Entry.MAPPED_R | V3Entry.MAPPED_W;
    private static final int MARKS = Gtf.READING | Gtf.WRITING;

    /** For ServiceLoader. */
    public CoexClauses() {}

    @Override
    public String prefix() {
        return "COEX";
    }

    @Override
    public String title() {
        return "Trees beside flat tables";
    }

    @DisturbedByDevices(value = DeviceSight.COUNTED, where = DeviceSight.BUS)
    @Clause(
            id = "COEX-01",
            promise =
                    "A reference of the flat table, whatever its version, is mapped, copied and unmapped as one of slot 0;"
                            + " the entry shows the use.",
            source = "grant-v3.md, 2, COEX-3")
    void alias(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            long references = world.references(0);
            granter.store(granter.page(0), 42 + version);
            V3Answer mapped = driver.hold(REF, 0, V3Map.WRITE);
            Sight.value(grantee, grantee.slot(0), 42 + version);
            Expect.equal("references", references + 1, world.references(0));
            Expect.bits("the entry", MARKS, MARKS, granter.entry(REF).flags());
            grantee.store(grantee.slot(0), 7);
            Expect.okay(grantee.call(driver.copying(REF, 1, 8)));
            Sight.value(grantee, grantee.page(1), 7);
            Expect.okay(grantee.call(driver.copying(REF, 2, 8).and(V3Copy.TO_REMOTE)));
            Expect.bits("the entry", MARKS, MARKS, granter.entry(REF).flags());
            driver.letGo(mapped);
            Sight.nothing(grantee, grantee.slot(0));
            Expect.bits("the entry", MARKS, 0, granter.entry(REF).flags());
            Expect.equal("references", references, world.references(0));
            FlatVersions.end(world, REF);
        });
    }

    @Clause(
            id = "COEX-02",
            promise = "Slot 0 has no tree: its references have 32 bits, its epoch is 0, its mappings have order 0.",
            source = "grant-v3.md, COEX-2, COEX-4, COEX-5")
    void form(World world) {
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            for (int bit : new int[] {32, 33, 34, 35, 48, 55, 56, 63}) {
                driver.expectRefused(Status.INVAL, REF | 1L << bit);
            }
            V3Call sound = driver.mapping(REF, 0);
            Expect.status(Status.STALE, grantee.call(sound.with(V3Map.EPOCH, 1)));
            Expect.status(Status.STALE, grantee.call(driver.copying(REF, 0, 8).with(V3Copy.EPOCH, 1)));
            Expect.status(Status.BAD_SIZE, grantee.call(sound.with(V3Map.ORDER_REQ, Page.ORDER_2M)));
            Expect.status(
                    Status.BAD_SIZE,
                    grantee.call(sound.with(V3Map.ORDER_REQ, V3Map.BEST).with(V3Map.ORDER_MIN, Page.ORDER_2M)));
            V3Answer mapped = grantee.call(sound.with(V3Map.ORDER_REQ, V3Map.BEST));
            Expect.okay(mapped);
            Expect.equal("order", Page.ORDER_4K, mapped.get(V3Map.ORDER_GOT));
            Expect.equal("generation of an entry without one", 0, mapped.get(V3Map.ENTRY_GEN));
            driver.letGo(mapped);
            FlatVersions.end(world, REF);
        });
    }

    @Clause(
            id = "COEX-03",
            promise = "An entry is judged by slot 0 as GNTTABOP_map_grant_ref judges it, status by status.",
            source = "grant-v3.md, COEX-3")
    void sameStatus(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            long end = granter.references();
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 0, Gtf.READONLY);
            FlatVersions.grant(world, version, REF + 2, 0, 0);
            granter.entry(REF + 2).set("domid", World.THIRD);
            FlatVersions.grant(world, version, REF + 3, 0, 0);
            granter.entry(REF + 3).set("frame", Page.frame(granter.slot(9)));
            for (long ref : new long[] {REF, REF + 1, REF + 2, REF + 3, REF + 4, end - 1, end, 0xffff_ffffL}) {
                for (boolean writes : new boolean[] {false, true}) {
                    MapCall legacy = MapCall.of(World.GRANTER, ref).at(grantee.slot(0));
                    Mapped before = grantee.call(writes ? legacy : legacy.readonly());
                    if (before.status() == Status.OKAY) {
                        Expect.okay(grantee.call(UnmapCall.of(before.handle()).at(grantee.slot(0))));
                    }
                    V3Answer mapped = driver.map(ref, 0, writes ? V3Map.WRITE : 0);
                    Expect.status(before.status(), mapped);
                    if (mapped.status() == Status.OKAY) {
                        driver.letGo(mapped);
                    }
                }
            }
            for (int ref = REF; ref < REF + 4; ref++) {
                FlatVersions.end(world, ref);
            }
        });
    }

    @Clause(
            id = "COEX-04",
            promise =
                    "Parts of pages and grants of grants are GNTTABOP_copy's: v3_copy and v3_map refuse them, and they work"
                            + " there as before.",
            source = "grant-v3.md, COEX-3, SEC-18")
    void partsAndHops(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        Expect.equal("what set_version answers", new Version(0, 2), granter.call(new SetVersionCall(2)));
        EntriesV2.part(granter, REF, World.GRANTEE, 0, 0, 64);
        granter.store(granter.page(0), 42);
        Expect.status(Status.GENERAL_ERROR, driver.map(REF, 0, 0));
        Expect.different(
                "status", Status.OKAY, grantee.call(driver.copying(REF, 1, 8)).status());
        Expect.okay(grantee.call(
                CopyCall.from(CopyCall.of(World.GRANTER, REF, 0), CopyCall.own(grantee.pageFrame(1), 0), 8)));
        Sight.value(grantee, grantee.page(1), 42);

        Party third = world.third();
        third.entry(REF)
                .set("domid", World.GRANTER)
                .set("frame", third.pageFrame(0))
                .set("flags", Gtf.PERMIT_ACCESS);
        EntriesV2.hop(granter, REF + 1, World.GRANTEE, World.THIRD, REF);
        Expect.status(Status.GENERAL_ERROR, driver.map(REF + 1, 0, 0));
        Expect.different(
                "status",
                Status.OKAY,
                grantee.call(driver.copying(REF + 1, 1, 8)).status());
        Expect.bits("the entry", MARKS, 0, granter.entry(REF).flags());
        Expect.bits("the hop", MARKS, 0, granter.entry(REF + 1).flags());
    }

    @Clause(
            id = "COEX-05",
            promise = "A run over the flat table maps consecutive references behind one handle, and parts of it go.",
            source = "grant-v3.md, 2, 7.1, 7.2")
    void run(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            for (int n = 0; n < 6; n++) {
                FlatVersions.grant(world, version, REF + n, n, 0);
                granter.store(granter.page(n), 100 + n);
            }
            V3Answer mapped = grantee.call(driver.mapping(REF, 0).with(V3Map.COUNT, 8));
            Expect.equal("pages", 6, mapped.get(V3Map.DONE));
            Expect.different("status", Status.OKAY, mapped.status());
            Sight.value(grantee, grantee.slot(5), 105);
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 1, 2)));
            Sight.nothing(grantee, grantee.slot(2));
            Sight.value(grantee, grantee.slot(3), 103);
            Expect.bits("entry 2", MARKS, 0, granter.entry(REF + 2).flags());
            Expect.bits("entry 3", MARKS, Gtf.READING, granter.entry(REF + 3).flags());
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 0, 1)));
            Expect.okay(grantee.call(TreeDriver.unmapping(mapped.get(V3Map.HANDLE), 3, 3)));
            for (int n = 0; n < 6; n++) {
                Expect.bits("entry " + n, MARKS, 0, granter.entry(REF + n).flags());
                FlatVersions.end(world, REF + n);
            }
        });
    }

    @Clause(
            id = "COEX-06",
            promise =
                    "One entry may be in use by GNTTABOP_map_grant_ref and by v3_map: each end is its own, the marks stay"
                            + " until the last.",
            source = "grant-v3.md, COEX-1, COEX-3")
    void together(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            long references = world.references(0);
            Mapped legacy = grantee.call(
                    MapCall.of(World.GRANTER, REF).at(grantee.slot(0)).readonly());
            Expect.okay(legacy);
            V3Answer mapped = driver.hold(REF, 1, V3Map.WRITE);
            Expect.bits("the entry", MARKS, MARKS, granter.entry(REF).flags());
            driver.letGo(mapped);
            Expect.bits("the entry", MARKS, Gtf.READING, granter.entry(REF).flags());
            mapped = driver.hold(REF, 1, V3Map.WRITE);
            Expect.okay(grantee.call(UnmapCall.of(legacy.handle()).at(grantee.slot(0))));
            Expect.bits("the entry", MARKS, MARKS, granter.entry(REF).flags());
            driver.letGo(mapped);
            Expect.bits("the entry", MARKS, 0, granter.entry(REF).flags());
            Expect.equal("references", references, world.references(0));
            FlatVersions.end(world, REF);
        });
    }

    @Clause(
            id = "COEX-07",
            promise =
                    "Operations 0 to 12 know nothing of trees: the same number is a reference of the flat table to them,"
                            + " and theirs are no handles of v3_unmap.",
            source = "grant-v3.md, COEX-1, I12")
    void legacyUntouched(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RawTree.of(world);
        granter.store(granter.page(1), 101);
        granter.store(granter.page(0), 100);
        V3Answer leaf = driver.hold(tree.grant(REF, 1, V3Entry.W), 1, V3Map.WRITE);
        MapCall map = MapCall.of(World.GRANTER, REF).at(grantee.slot(0));
        Expect.different("status", Status.OKAY, grantee.call(map).status());
        FlatVersions.grant(world, 1, REF, 0, 0);
        Mapped legacy = grantee.call(map);
        Expect.okay(legacy);
        Sight.value(grantee, grantee.slot(0), 100);
        Sight.value(grantee, grantee.slot(1), 101);
        long handle = Integer.toUnsignedLong(legacy.handle());
        for (long wrong : new long[] {handle, handle | 1L << 32}) {
            int status = wrong == leaf.get(V3Map.HANDLE)
                    ? Status.BAD_HANDLE
                    : grantee.call(TreeDriver.unmapping(wrong, 0, 1)).status();
            Expect.status("status of v3_unmap with the handle of operation 0", Status.BAD_HANDLE, status);
        }
        Expect.okay(grantee.call(UnmapCall.of(legacy.handle()).at(grantee.slot(0))));
        Sight.value(grantee, grantee.slot(1), 101);
        driver.letGo(leaf);
        Expect.bits("the entry", MARKS, 0, granter.entry(REF).flags());
    }

    @Clause(
            id = "COEX-08",
            promise =
                    "set_version is for the flat table: trees, with leaves in use too, are as before, and keep no version"
                            + " from being set.",
            source = "grant-v3.md, COEX-6, COEX-1")
    void noSwitch(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        RawTree tree = RawTree.of(world);
        granter.store(granter.page(0), 42);
        V3Answer mapped = driver.hold(tree.grant(INDEX, 0, V3Entry.W), 1, V3Map.WRITE);
        for (int version : new int[] {2, 1, 2, 2, 1}) {
            Expect.equal(
                    "what set_version answers", new Version(0, version), granter.call(new SetVersionCall(version)));
            Expect.equal(
                    "what get_version answers",
                    new Version(0, version),
                    granter.call(new GetVersionCall(World.GRANTER)));
            Sight.value(grantee, grantee.slot(1), 42);
            Expect.bits("the leaf", IN_USE, IN_USE, tree.get(INDEX));
            driver.expectMaps(tree.ref(INDEX));
        }
        driver.letGo(mapped);
    }

    @Clause(
            id = "COEX-09",
            promise = "A use of slot 0 keeps the version, as every use of the flat table does.",
            source = "grant-v3.md, COEX-3, 2")
    void keepsTheVersion(World world) {
        Party granter = world.granter();
        TreeDriver driver = new TreeDriver(world.grantee());
        FlatVersions.grant(world, 1, REF, 0, 0);
        V3Answer mapped = driver.hold(REF, 0, 0);
        Expect.different(
                "result of set_version", 0, granter.call(new SetVersionCall(2)).rc());
        driver.letGo(mapped);
        Expect.equal("what set_version answers", new Version(0, 2), granter.call(new SetVersionCall(2)));
    }

    @Clause(
            id = "COEX-11",
            promise =
                    "A place that v3_map filled goes by v3_unmap alone: a handle of the same page finds no mapping there, and"
                            + " keeps its own place.",
            source = "grant-v3.md, 6, COEX-1")
    void placesApart(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        granter.store(granter.page(0), 42);
        long references = world.references(0);
        FlatVersions.grant(world, 1, REF, 0, 0);
        V3Answer leaf = driver.hold(RawTree.of(world).grant(INDEX, 0, V3Entry.W), 1, V3Map.WRITE);
        V3Answer alias = driver.hold(REF, 2, V3Map.WRITE);
        Mapped legacy = grantee.call(MapCall.of(World.GRANTER, REF).at(grantee.slot(0)));
        Expect.okay(legacy);
        for (int slot = 1; slot <= 2; slot++) {
            Expect.status(
                    Status.GENERAL_ERROR,
                    grantee.call(UnmapCall.of(legacy.handle()).at(grantee.slot(slot))));
            Sight.value(grantee, grantee.slot(slot), 42);
        }
        Expect.okay(grantee.call(UnmapCall.of(legacy.handle()).at(grantee.slot(0))));
        Sight.nothing(grantee, grantee.slot(0));
        driver.letGo(alias);
        Sight.value(grantee, grantee.slot(1), 42);
        driver.letGo(leaf);
        Sight.nothing(grantee, grantee.slot(1));
        Expect.equal("references", references, world.references(0));
        FlatVersions.end(world, REF);
    }

    @Clause(
            id = "COEX-10",
            promise = "Trees take no room in the flat table: its size is what it was.",
            source = "grant-v3.md, COEX-1, I12")
    void size(World world) {
        Party granter = world.granter();
        TableSize before = granter.call(new QuerySizeCall(World.GRANTER));
        for (int n = 0; n < 8; n++) {
            RawTree tree = RawTree.of(world);
            new TreeDriver(world.grantee()).expectMaps(tree.grant(INDEX, 0, 0));
        }
        Expect.equal("what query_size answers", before, granter.call(new QuerySizeCall(World.GRANTER)));
    }

    @Clause(
            id = "COEX-12",
            promise =
                    "What slot 0 would map beyond the grantee's share, or to a place that takes nothing, leaves nothing behind: no mark, no"
                            + " reference, no charge.",
            source = "grant-v3.md, COEX-3; MAP-32, MAP-33")
    void refusedUses(World world) {
        Party granter = world.granter();
        Party grantee = world.grantee();
        TreeDriver driver = new TreeDriver(grantee);
        FlatVersions.inEither(world, version -> {
            FlatVersions.grant(world, version, REF, 0, 0);
            FlatVersions.grant(world, version, REF + 1, 1, 0);
            long references = world.references(1);
            Toolstack.of(world).quota(World.GRANTEE, 0, 1, POOL);
            V3Answer mapped = driver.hold(REF, 0, V3Map.WRITE);
            long records = world.machine().charges(grantee.domid()).records();
            expectUnused(world, references, Status.QUOTA, driver.map(REF + 1, 1, V3Map.WRITE));
            Toolstack.of(world).quota(World.GRANTEE, 0, 0, POOL);
            expectUnused(
                    world,
                    references,
                    Status.GENERAL_ERROR,
                    grantee.call(driver.mapping(REF + 1, 1).and(V3Map.WRITE).with(V3Map.DEST, -Long.BYTES)));
            Expect.equal(
                    "records", records, world.machine().charges(grantee.domid()).records());
            driver.letGo(driver.hold(REF + 1, 1, V3Map.WRITE));
            driver.letGo(mapped);
            Expect.bits("the entry", MARKS, 0, granter.entry(REF).flags());
            FlatVersions.end(world, REF);
            FlatVersions.end(world, REF + 1);
        });
    }

    private static void expectUnused(World world, long references, int status, V3Answer refused) {
        Expect.status(status, refused);
        Expect.equal("handle", 0, refused.get(V3Map.HANDLE));
        Expect.equal("references", references, world.references(1));
        Expect.bits("the entry", MARKS, 0, world.granter().entry(REF + 1).flags());
    }
}
