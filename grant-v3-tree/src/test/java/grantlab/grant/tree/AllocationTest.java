package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import grantlab.api.Access;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What map and unmap do with a tree allocates nothing, from the cache or by a walk. */
class AllocationTest {
    private static final int TIMES = 20_000;

    private final Leaf leaf = new Leaf();

    @ParameterizedTest
    @CsvSource({"on-heap, 1", "off-heap, 2", "on-heap, 4", "checked, 3"})
    void nothingIsAllocated(String kind, int levels) {
        try (TreeWorld world = new TreeWorld(kind, true)) {
            long root = world.page();
            long node = root;
            for (int level = levels; level > 1; level--) {
                node = world.nodeBelow(node, 0);
            }
            world.put(node, 0, LeafWord.granted(0, 7, Access.READ | Access.WRITE));
            TreeTable tree = world.open(root, levels);
            Runnable path = () -> use(tree);
            for (int i = 0; i < TIMES; i++) {
                path.run();
            }
            long least = Long.MAX_VALUE;
            for (int round = 0; round < 5; round++) {
                least = Math.min(least, allocated(path));
            }
            // Some bytes for the measurement itself; one object a turn would be a million.
            assertThat(least).isLessThan(TIMES);
        }
    }

    private void use(TreeTable tree) {
        int access = Access.READ | Access.WRITE | Access.HOST;
        assert tree.locate(0, access, leaf) == 0;
        tree.mark(leaf, TreeWorld.OTHER, access, true);
        tree.read(leaf);
        tree.release(leaf);
        tree.clear(0, 0, leaf.snapshot, Access.READ | Access.WRITE);
        tree.invalidate(0, 2);
    }

    private static long allocated(Runnable path) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < TIMES; i++) {
            path.run();
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }
}
