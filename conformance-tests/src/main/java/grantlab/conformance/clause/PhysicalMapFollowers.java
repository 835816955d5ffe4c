package grantlab.conformance.clause;

import static grantlab.conformance.clause.PhysicalMapClauses.TRANSLATED;

import grantlab.api.memory.Changes;
import grantlab.api.memory.MapWatcher;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import java.util.ArrayList;
import java.util.List;

/** Who follows a map: by its count of changes, or told of them. */
@Needs(granter = TRANSLATED)
final class PhysicalMapFollowers {
    @Clause(
            id = "PMAP-21",
            promise =
                    "Every change is counted but that of a grant that comes where nothing was, or goes and leaves nothing.",
            source = "PhysicalMap, memoryChanges")
    void counted(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            Changes changes = map.memoryChanges();
            Expect.holds("always the same object", changes == map.memoryChanges());
            map.set(3, 3, Page.ORDER_4K, PhysicalMap.RAM_RW);
            long count = changes.count();
            for (int type = PhysicalMap.RAM_RW; type <= PhysicalMap.V3_GRANT_RO; type++) {
                boolean grant = PhysicalMap.isGrant(type);
                world.step("type " + type);
                map.set(4, 9, Page.ORDER_4K, type);
                Expect.equal("it comes, counted", !grant, changes.count() != count);
                count = changes.count();
                map.clear(4, Page.ORDER_4K);
                Expect.equal("it goes, counted", !grant, changes.count() != count);
                count = changes.count();
                map.clear(4, Page.ORDER_4K);
                Expect.equal("what is nothing goes", count, changes.count());
                map.set(3, 9, Page.ORDER_4K, type);
                Expect.holds("it takes the place of memory", changes.count() != count);
                count = changes.count();
                map.set(3, 3, Page.ORDER_4K, PhysicalMap.RAM_RW);
                Expect.holds("memory takes its place", changes.count() != count);
                count = changes.count();
            }
            map.set(512, 512, Page.ORDER_2M, PhysicalMap.RAM_RW);
            Expect.holds("a block comes", changes.count() != count);
            count = changes.count();
            map.set(513, 9, Page.ORDER_4K, PhysicalMap.GRANT_RW);
            Expect.holds("a grant in a block", changes.count() != count);
            count = changes.count();
            map.clear(512, Page.ORDER_2M);
            Expect.holds("a block goes", changes.count() != count);
        }
    }

    @Clause(
            id = "PMAP-22",
            promise =
                    "Whoever follows a map is told of every change, after it; that nothing stood there before is said only when it is so.",
            source = "MapWatcher")
    void told(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            Expect.holds("nobody follows", map.watcher() == null);
            Follower follower = new Follower(map);
            map.watch(follower);
            Expect.holds("who follows", map.watcher() == follower);
            map.set(7, 1, Page.ORDER_4K, PhysicalMap.RAM_RW);
            follower.expect("changed 7 order 0 first, now 1");
            map.set(7, 2, Page.ORDER_4K, PhysicalMap.GRANT_RW);
            follower.expect("changed 7 order 0, now 2");
            map.clear(7, Page.ORDER_4K);
            follower.expect("changed 7 order 0, now -1");
            map.clear(7, Page.ORDER_4K);
            map.clear(8, Page.ORDER_4K);
            map.clear(1 << 20, Page.ORDER_4K);
            follower.expect();
            map.set(512, 1024, Page.ORDER_2M, PhysicalMap.RAM_RW);
            follower.expect("changed 512 order 9, now 1024");
            map.set(600, 5, Page.ORDER_4K, PhysicalMap.RAM_RW);
            follower.expect("changed 600 order 0, now 5");
            map.clear(512, Page.ORDER_2M);
            follower.expect("changed 512 order 9, now -1");
            long mfn = ram.frame(OwnRam.TRANSLATED);
            map.populate(7, mfn);
            follower.expect("changed 7 order 0 first, now " + mfn);
            map.populate(8, mfn);
            follower.expect("changed 8 order 0 first, now " + mfn, "changed 7 order 0, now -1");
            map.remove(8);
            follower.expect("changed 8 order 0, now -1");
        }
    }

    @Clause(
            id = "PMAP-23",
            promise =
                    "When another domain's frame leaves a map by its owner's wish, whoever follows has forgotten it before the"
                            + " reference goes.",
            source = "PhysicalMap, remove; MapWatcher, forget")
    void forgotten(World world) {
        try (OwnRam ram = OwnRam.of(world)) {
            PhysicalMap map = ram.map();
            long mfn = ram.frame(OwnRam.OTHER);
            List<Long> references = new ArrayList<>();
            map.watch(new Follower(map) {
                @Override
                public void forget() {
                    references.add(ram.frames().references(mfn));
                }
            });
            map.set(7, mfn, Page.ORDER_4K, PhysicalMap.FOREIGN);
            Expect.holds("a reference", ram.frames().get(mfn, Page.ORDER_4K, OwnRam.OTHER));
            Expect.equal("result", 0, map.remove(7));
            Expect.equal("references when it was to be forgotten", List.of(2L), references);
            Expect.equal("references", 1, ram.frames().references(mfn));
        }
    }

    /** Writes down what it is told, and what it then sees. */
    private static class Follower implements MapWatcher {
        final List<String> told = new ArrayList<>();
        private final PhysicalMap map;

        Follower(PhysicalMap map) {
            this.map = map;
        }

        @Override
        public void changed(long gfn, int order, boolean first) {
            told.add("changed " + gfn + " order " + order + (first ? " first" : "") + ", now " + map.machineFrame(gfn));
        }

        @Override
        public void forget() {
            told.add("forget");
        }

        void expect(String... expected) {
            Expect.equal("what the follower was told", List.of(expected), told);
            told.clear();
        }
    }
}
