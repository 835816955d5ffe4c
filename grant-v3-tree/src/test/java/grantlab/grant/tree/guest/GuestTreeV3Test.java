package grantlab.grant.tree.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.grant.GuestTree;
import grantlab.api.grant.Leaf;
import grantlab.grant.tree.LeafWord;
import grantlab.grant.tree.TreeWorld;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guest's side against the hypervisor's, over the same bytes. */
class GuestTreeV3Test {
    private static final int READ = Access.READ;
    private static final int WRITE = Access.READ | Access.WRITE;
    private static final long INDEX = 0x203;

    private final Leaf leaf = new Leaf();
    private TreeWorld world;
    private FlatKernel kernel;
    private GuestTree tree;

    private void bringUp(int levels, boolean translated) {
        close();
        world = new TreeWorld(translated);
        kernel = new FlatKernel(world);
        tree = bringUp(levels);
    }

    private GuestTree bringUp(int levels) {
        String name = levels == 2 ? "v3-tree" : "v3-tree-" + levels;
        return (GuestTree) ServiceLoader.load(GrantFormatProvider.class).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> provider.name().equals(name))
                .findFirst()
                .orElseThrow()
                .create(new Ground(world.ram.memory(), world.frames, Behaviour.XEN_4_17, System::nanoTime))
                .bringUp(kernel, TreeWorld.OTHER, -1);
    }

    @AfterEach
    void close() {
        if (world != null) {
            world.close();
        }
    }

    private int mark(long index, int access) {
        int status = kernel.table.locate(index, access, leaf);
        if (status == Status.OKAY) {
            status = kernel.table.mark(leaf, TreeWorld.OTHER, access | Access.HOST, true);
            kernel.table.release(leaf);
        }
        return status;
    }

    private void unmark(long index, int unused) {
        kernel.table.clear(index, 0, leaf.snapshot, unused);
    }

    @ParameterizedTest
    @CsvSource({
        "1, true, 0x1ff",
        "2, true, 0x3ffff",
        "3, true, 0x7ffffff",
        "4, true, 0xfffffffff",
        "3, false, 0x12345",
        "4, false, 0"
    })
    void whatIsGrantedIsFound(int levels, boolean translated, String hex) {
        bringUp(levels, translated);
        long index = Long.decode(hex);
        tree.grant(index, TreeWorld.OTHER, 0x77, 0, READ);
        assertThat(tree.levels()).isEqualTo(levels);
        assertThat(kernel.pages).hasSize(levels);
        assertThat(mark(index, READ)).isZero();
        assertThat(leaf.gfn).isEqualTo(0x77);
        assertThat(tree.inUse(index)).isTrue();
        assertThat(mark(index, WRITE)).isEqualTo(Status.PERMISSION_DENIED);
        assertThat(tree.end(index)).isFalse();
        unmark(index, READ);
        assertThat(tree.inUse(index)).isFalse();
        assertThat(tree.end(index)).isTrue();
        assertThat(mark(index, READ)).isEqualTo(Status.BAD_GNTREF);
        assertThat(tree.end(index)).as("nothing is granted already").isTrue();
    }

    @Test
    void referencesAreContiguousAndWithinTheTree() {
        bringUp(2, true);
        assertThat(tree.size()).isEqualTo(1 << 18);
        assertThat(tree.reference(0)).isEqualTo(FlatKernel.REFERENCE);
        assertThat(tree.reference(0x3_ffff)).isEqualTo(FlatKernel.REFERENCE + 0x3_ffff);
        for (long index : new long[] {-1, 1 << 18}) {
            assertThatThrownBy(() -> tree.reference(index)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tree.grant(index, 2, 1, 0, READ)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> tree.end(index)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "2, true, 0, 0, true",
        "2, true, 0xffffffffff, 0, true",
        "2, true, 0x10000000000, 0, false",
        "2, true, -1, 0, false",
        "1, true, 0x200, 9, false", // no level for it
        "2, true, 0x200, 9, true",
        "2, true, 0x40000, 18, false",
        "3, true, 0x40000, 18, true",
        "4, false, 0x200, 9, false", // machine frames
        "4, true, 0x200, 8, false",
    })
    void whatCanBeNamed(int levels, boolean translated, String gfn, int order, boolean named) {
        bringUp(levels, translated);
        assertThat(tree.canName(Long.decode(gfn), order)).isEqualTo(named);
        if (!named) {
            assertThatThrownBy(() -> tree.grant(0, 2, Long.decode(gfn), order, READ))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void aLargeLeafIsOneEntryAndKeepsSmallOnesOut() {
        bringUp(3, true);
        tree.grant(0x400, 2, 0x600, 9, WRITE);
        assertThat(mark(0x5ff, WRITE)).isZero();
        assertThat(leaf.order).isEqualTo(9);
        assertThat(leaf.gfn).isEqualTo(0x7ff);
        assertThat(tree.inUse(0x455)).isTrue();
        assertThatThrownBy(() -> tree.grant(0x401, 2, 1, 0, READ))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("large leaf");
        assertThatThrownBy(() -> tree.grant(0x601, 2, 0x200, 9, READ)).hasMessageContaining("aligned");
        assertThatThrownBy(() -> tree.grant(0x600, 2, 0x201, 9, READ)).hasMessageContaining("aligned");
        kernel.table.clear(0x400, 9, leaf.snapshot, WRITE);
        assertThat(tree.end(0x4ff)).isTrue();
        tree.grant(0x401, 2, 1, 0, READ);
        assertThat(mark(0x401, READ)).isZero();
        assertThatThrownBy(() -> tree.grant(0x400, 2, 0x600, 9, READ)).hasMessageContaining("not vacant");
    }

    @Test
    void eachGrantOfAnIndexIsAnother() {
        bringUp(2, true);
        long before = -1;
        for (int time = 1; time <= 20; time++) {
            tree.grant(INDEX, 2, 0x77, 0, READ);
            assertThat(mark(INDEX, READ)).isZero();
            assertThat(leaf.snapshot >>> 59).isEqualTo(time % 16);
            assertThat(leaf.snapshot).isNotEqualTo(before);
            before = leaf.snapshot;
            unmark(INDEX, READ);
            assertThat(tree.end(INDEX)).isTrue();
        }
    }

    @Test
    void whatIsGrantedIsNotGrantedOver() {
        bringUp(2, true);
        tree.grant(INDEX, 2, 0x77, 0, READ);
        assertThatThrownBy(() -> tree.grant(INDEX, 2, 0x78, 0, READ)).hasMessageContaining("not vacant");
    }

    @Test
    void narrowTakesTheRightToWriteWhileNobodyWrites() {
        bringUp(2, true);
        tree.grant(INDEX, 2, 0x77, 0, WRITE);
        assertThat(mark(INDEX, WRITE)).isZero();
        assertThat(tree.narrow(INDEX)).isFalse();
        unmark(INDEX, Access.WRITE);
        assertThat(tree.inUse(INDEX)).as("for reading").isTrue();
        assertThat(tree.narrow(INDEX)).isTrue();
        assertThat(mark(INDEX, WRITE)).isEqualTo(Status.PERMISSION_DENIED);
        assertThat(mark(INDEX, READ)).isZero();
    }

    @Test
    void aClosedLeafIsVacatedWhenEverybodyLetGo() {
        bringUp(2, true);
        assertThat(tree.close(INDEX)).as("there is nothing").isFalse();
        tree.grant(INDEX, 2, 0x77, 0, WRITE);
        assertThat(tree.vacate(INDEX)).as("not closed").isFalse();
        assertThat(mark(INDEX, WRITE)).isZero();
        assertThat(tree.close(INDEX)).isTrue();
        assertThat(tree.close(INDEX)).isFalse();
        assertThat(mark(INDEX, READ)).isEqualTo(Status.REVOKED);
        assertThat(tree.inUse(INDEX)).isTrue();
        assertThat(tree.vacate(INDEX)).as("in use").isFalse();
        assertThat(tree.end(INDEX)).isFalse();
        kernel.table.attached(INDEX, 0, true);
        assertThat(tree.inUse(INDEX)).isFalse();
        assertThat(tree.vacate(INDEX)).as("attached").isFalse();
        assertThatThrownBy(() -> tree.grant(INDEX, 2, 1, 0, READ)).hasMessageContaining("not vacant");
        kernel.table.attached(INDEX, 0, false);
        assertThat(tree.vacate(INDEX)).isTrue();
        assertThat(tree.vacate(INDEX)).isFalse();
        tree.grant(INDEX, 2, 0x78, 0, READ);
        assertThat(mark(INDEX, READ)).isZero();
        assertThat(leaf.snapshot >>> 59).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void growingKeepsWhatIsGranted(boolean translated) {
        bringUp(1, translated);
        tree.grant(5, 2, 0x77, 0, READ);
        for (int levels = 2; levels <= 4; levels++) {
            tree.grow();
            assertThat(tree.levels()).isEqualTo(levels);
            assertThat(tree.size()).isEqualTo(1L << (9 * levels));
            assertThat(kernel.table.size()).isEqualTo(tree.size());
            tree.grant(tree.size() - 1, 2, 0x70 + levels, 0, READ);
            assertThat(mark(tree.size() - 1, READ)).isZero();
            assertThat(mark(5, READ)).isZero();
            assertThat(leaf.gfn).isEqualTo(0x77);
        }
        int pages = kernel.pages.size();
        assertThatThrownBy(tree::grow).hasMessageContaining(Integer.toString(Status.BAD_SIZE));
        assertThat(tree.levels()).isEqualTo(4);
        assertThat(kernel.pages).hasSize(pages);
    }

    @Test
    void emptyNodesAreForgottenAndGivenBack() {
        bringUp(3, true);
        long[] indices = {0, 0x203, 0x40000, 0x40200};
        for (long index : indices) {
            tree.grant(index, 2, 0x1000 + index, 0, READ);
            assertThat(mark(index, READ)).isZero();
            unmark(index, READ);
        }
        assertThat(kernel.pages).hasSize(1 + 2 + 4);
        assertThat(tree.prune()).as("all hold something").isZero();
        for (long index : new long[] {0x203, 0x40000, 0x40200}) {
            assertThat(tree.end(index)).isTrue();
        }
        assertThat(mark(0, READ)).isZero();
        assertThat(tree.prune()).isEqualTo(4);
        assertThat(kernel.invalidated).containsExactly("200@2", "40000@2", "40200@2", "40000@3");
        assertThat(kernel.pages).hasSize(3);
        assertThat(kernel.table.nodeCache().held()).isEqualTo(1);
        for (long index : indices) {
            assertThat(mark(index, READ)).isEqualTo(index == 0 ? 0 : Status.BAD_GNTREF);
        }
        tree.grant(0x40200, 2, 0x99, 0, READ);
        assertThat(mark(0x40200, READ)).isZero();
        assertThat(leaf.gfn).isEqualTo(0x99);
    }

    @Test
    void aRefusalIsToldAndLeavesNoPageBehind() {
        bringUp(2, true);
        kernel.refusal = Status.QUOTA;
        assertThatThrownBy(() -> bringUp(2)).hasMessageContaining("-20");
        assertThatThrownBy(tree::grow).hasMessageContaining("-20");
        assertThat(kernel.pages).hasSize(1);
        assertThat(tree.levels()).isEqualTo(2);
        tree.grant(INDEX, 2, 0x77, 0, READ);
        assertThat(LeafWord.frame(world.word(kernel.pages.getFirst() >>> 12, 1)))
                .isEqualTo(kernel.pages.getLast() >>> 12);
    }

    @Test
    void whoAsksKnowsWhetherToWait() {
        bringUp(3, true);
        assertThat(tree.watch(INDEX)).as("where nothing is granted").isFalse();
        tree.grant(INDEX, TreeWorld.OTHER, world.page(), 0, WRITE);
        tree.grant(INDEX + 600, TreeWorld.OTHER, world.page(), 0, WRITE);
        assertThat(mark(INDEX, READ)).isEqualTo(Status.OKAY);
        assertThat(tree.watch(INDEX)).isTrue();
        assertThat(tree.watch(INDEX + 600)).isFalse();
        assertThat(kernel.table.end(INDEX, 0, leaf.snapshot)).isTrue();
    }

    @Test
    void ofTheWatchedOnesTheUnusedAreFound() {
        bringUp(3, true);
        long[] watched = {0, INDEX, INDEX + 1, INDEX + 600, 1L << 26};
        for (long index : watched) {
            tree.grant(index, TreeWorld.OTHER, world.page(), 0, WRITE);
            tree.watch(index);
        }
        tree.grant(INDEX + 2, TreeWorld.OTHER, world.page(), 0, WRITE);
        mark(INDEX, READ);
        tree.close(INDEX + 600);
        assertThat(tree.nextWatchedUnused(0)).isZero();
        assertThat(tree.nextWatchedUnused(1)).isEqualTo(INDEX + 1);
        assertThat(tree.nextWatchedUnused(INDEX + 1)).isEqualTo(INDEX + 1);
        assertThat(tree.nextWatchedUnused(INDEX + 2)).as("closed").isEqualTo(INDEX + 600);
        assertThat(tree.nextWatchedUnused(INDEX + 601)).isEqualTo(1L << 26);
        assertThat(tree.nextWatchedUnused((1L << 26) + 1)).isEqualTo(-1);
    }
}
