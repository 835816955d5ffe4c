package grantlab.grant.tree.race;

import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.grant.tree.LeafWord;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The races of an entry under Lincheck's model checker (grant-v3.md, PIN-1 to PIN-5): each interleaving of the accesses to the word
 * answers what the steps could answer one after the other. Each rule is broken once, to see that the checker sees it.
 */
@Tag("interleaving")
class EntryRaceTest {
    /** Those with few switches first; each fault below shows in one of the first 120. */
    private static final int INTERLEAVINGS = 120;

    /** Before; what the granter does; what others do meanwhile; after. */
    enum Race {
        MAP_AGAINST_WITHDRAW("grant", "end inUse", "read endRead", "inUse end"),
        UNPIN_AGAINST_NEW_GRANT("grant read", "end grant end", "endRead read", "inUse end"),
        TWO_MAPS("grant", "read endRead", "write endWrite", "inUse dirty end"),
        MAP_BESIDE_LAST_UNPIN("grant read", "endRead", "read", "inUse end"),
        TOMBSTONE_AGAINST_MAP("grant", "close vacate grant", "write endWrite", "inUse vacate"),
        NARROW_AGAINST_WRITABLE_MAP("grant", "narrow inUse", "write endWrite", "write dirty"),
        ROUND_OF_MIGRATION("grant write", "dirty dirty", "endWrite", "dirty dirty"),
        UNPIN_AGAINST_SCRIBBLE("grant write", "scribble inUse", "endWrite", "inUse dirty end");

        private final String before;
        private final String granter;
        private final String others;
        private final String after;

        Race(String before, String granter, String others, String after) {
            this.before = before;
            this.granter = granter;
            this.others = others;
            this.after = after;
        }
    }

    private static void check(Class<?> protocol, Race race) {
        ModelChecking.check(
                protocol,
                EntrySpecification.class,
                race.before,
                List.of(race.granter, race.others),
                race.after,
                INTERLEAVINGS);
    }

    @ParameterizedTest
    @EnumSource
    void everyInterleavingIsAllowed(Race race) {
        check(EntryProtocol.class, race);
    }

    private static void assertSeen(Class<?> broken, Race race) {
        ModelChecking.assertSeen(() -> check(broken, race));
    }

    /** The mark is stored over whatever the granter made of the word meanwhile. */
    public static class MarkedByStore extends EntryProtocol {
        @Override
        protected int mark(Leaf leaf, int access, long located) {
            long seen = memory.load64Acquire(leaf.wordAddress);
            if (!LeafWord.isOf(seen, leaf.snapshot) || LeafWord.type(seen) != LeafWord.LEAF) {
                return Status.BAD_GNTREF;
            }
            memory.store64Release(leaf.wordAddress, LeafWord.marked(seen, access));
            return Status.OKAY;
        }
    }

    @Test
    void aMarkWithoutCompareExchangeIsSeen() {
        assertSeen(MarkedByStore.class, Race.MAP_AGAINST_WITHDRAW);
    }

    /** Whether the word is marked already is judged before the act is locked. */
    public static class SkippedByOldWord extends EntryProtocol {
        @Override
        protected long located(Leaf leaf) {
            return memory.load64Acquire(leaf.wordAddress);
        }

        @Override
        protected int mark(Leaf leaf, int access, long located) {
            boolean marked = LeafWord.isOf(located, leaf.snapshot) && LeafWord.marked(located, access) == located;
            return marked ? Status.OKAY : super.mark(leaf, access, located);
        }
    }

    @Test
    void aMarkThatIsSkippedForAnOldWordIsSeen() {
        assertSeen(SkippedByOldWord.class, Race.MAP_BESIDE_LAST_UNPIN);
    }

    /** Marks are taken from whatever stands there now. */
    public static class ClearedForAnyGrant extends EntryProtocol {
        @Override
        protected void clear(long grant, int unused) {
            super.clear(LeafWord.grant(memory.load64Acquire(address)), unused);
        }
    }

    @Test
    void aClearWithoutItsGrantIsSeen() {
        assertSeen(ClearedForAnyGrant.class, Race.UNPIN_AGAINST_SCRIBBLE);
    }

    /** MAPPED_W goes, and W_SEEN was set when the use began. */
    public static class ClearedWithoutTrace extends EntryProtocol {
        @Override
        protected void clear(long grant, int unused) {
            memory.getAndBitwiseAnd64(address, ~LeafWord.mapped(unused));
        }
    }

    @Test
    void anEndOfWritingWithoutTraceIsSeen() {
        assertSeen(ClearedWithoutTrace.class, Race.ROUND_OF_MIGRATION);
    }

    /** Rights are those of the word that was located. */
    public static class RightsOfOldWord extends EntryProtocol {
        @Override
        protected int mark(Leaf leaf, int access, long located) {
            long seen = memory.load64Acquire(leaf.wordAddress);
            if (!LeafWord.isOf(seen, leaf.snapshot) || !LeafWord.permits(leaf.rights, access)) {
                return Status.PERMISSION_DENIED;
            }
            long marked = LeafWord.marked(seen, access);
            return memory.compareAndExchange64(leaf.wordAddress, seen, marked) == seen ? Status.OKAY : Status.UNSTABLE;
        }
    }

    @Test
    void rightsThatWentBeforeTheMarkAreSeen() {
        assertSeen(RightsOfOldWord.class, Race.NARROW_AGAINST_WRITABLE_MAP);
        assertSeen(RightsOfOldWord.class, Race.TOMBSTONE_AGAINST_MAP);
    }

    /** The granter clears W, or closes the leaf, by a store. */
    public static class ChangedByStore extends EntryProtocol {
        private boolean store(long seen, long word) {
            memory.store64Release(address, word);
            return LeafWord.type(seen) == LeafWord.LEAF;
        }

        @Override
        public boolean narrow() {
            long seen = memory.load64Acquire(address);
            return (seen & LeafWord.MAPPED_W) == 0 && store(seen, seen & ~LeafWord.W);
        }

        @Override
        public boolean close() {
            long seen = memory.load64Acquire(address);
            return store(seen, LeafWord.closed(seen));
        }
    }

    @Test
    void aGranterThatStoresIsSeen() {
        assertSeen(ChangedByStore.class, Race.NARROW_AGAINST_WRITABLE_MAP);
        assertSeen(ChangedByStore.class, Race.TOMBSTONE_AGAINST_MAP);
    }
}
