package grantlab.grant.tree;

import static org.assertj.core.api.Assertions.assertThat;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.grant.Leaf;
import grantlab.api.grant.TreeTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A granter that writes any word anywhere at any moment: no frame gets out that the words do not name, nothing is thrown, and each
 * reference comes back. What an index leads to is told by a second, naive reader of the same bytes.
 */
class HostileTest {
    private static final int NODES = 6;
    private static final int STEPS = 3000;
    private static final int[] STATUSES = {
        Status.OKAY, Status.BAD_GNTREF, Status.PERMISSION_DENIED, Status.BAD_PAGE, Status.REVOKED, Status.UNSTABLE
    };

    private final List<Long> nodes = new ArrayList<>();
    private final List<Leaf> held = new ArrayList<>();
    private TreeWorld world;
    private Random random;
    private TreeTable tree;
    private int levels;

    static Stream<Arguments> seeds() {
        return LongStream.range(0, 24).mapToObj(seed -> Arguments.of(seed, seed % 2 == 0, 1 + (int) (seed / 2 % 4)));
    }

    @ParameterizedTest(name = "seed {0}, translated {1}, {2} levels")
    @MethodSource("seeds")
    void anyWordAnywhere(long seed, boolean translated, int height) {
        random = new Random(seed);
        levels = height;
        try (TreeWorld opened = new TreeWorld(translated)) {
            world = opened;
            for (int n = 0; n < NODES; n++) {
                nodes.add(world.page());
            }
            tree = world.open(nodes.getFirst(), levels);
            for (int step = 0; step < STEPS; step++) {
                step();
            }
            held.forEach(tree::release);
            tree.dispose();
            world.assertNothingHeld();
        }
    }

    private void step() {
        switch (random.nextInt(10)) {
            case 0, 1, 2 -> scribble();
            case 3, 4, 5 -> use();
            case 6 -> {
                if (!held.isEmpty()) {
                    tree.release(held.remove(random.nextInt(held.size())));
                }
            }
            case 7 -> takeBack();
            case 8 -> tree.invalidate(index(), random.nextInt(6));
            default -> world.page();
        }
    }

    private long index() {
        long index = 0;
        for (int level = levels; level >= 1; level--) {
            index = index << 9 | random.nextInt(3);
        }
        return index;
    }

    private void scribble() {
        world.put(nodes.get(random.nextInt(NODES)), random.nextInt(3), anyWord());
    }

    private long anyWord() {
        long frame = nodes.get(random.nextInt(NODES));
        long noise = random.nextLong();
        return switch (random.nextInt(6)) {
            case 0 -> noise;
            case 1 -> (noise & 0x7ff0_0000_0000_0e3cL) | LeafWord.LEAF | frame << 12;
            case 2 -> (noise & 0x7ff0_0000_0000_0e3cL) | LeafWord.LEAF | (frame >>> 9) << 21;
            case 3 -> (noise & 0x7ff0_0000_0000_0e3cL) | LeafWord.TOMBSTONE | frame << 12;
            default -> (noise & (LeafWord.SW | 0xc)) | LeafWord.TABLE | frame << 12;
        };
    }

    private void use() {
        // What changed without an invalidation may be read at its old place: so nothing is left in the cache.
        tree.invalidate(0, 5);
        long index = index();
        Leaf leaf = new Leaf();
        int status = tree.locate(index, Access.READ, leaf);
        assertThat(status).as("index %x", index).isEqualTo(naive(index, leaf));
        if (status == Status.OKAY) {
            held.add(leaf);
            int access = Access.READ | random.nextInt(16) << 1;
            if (random.nextInt(4) == 0) {
                scribble();
            }
            assertThat(STATUSES).contains(tree.mark(leaf, TreeWorld.OTHER, access, random.nextBoolean()));
            tree.read(leaf);
        } else if (status == Status.REVOKED) {
            tree.release(leaf);
        }
        assertThat(leaf.hold != 0).isEqualTo(status == Status.OKAY);
    }

    /** The specification read once more: no cache, no references, arithmetic of its own. */
    private int naive(long index, Leaf leaf) {
        long node = nodes.getFirst();
        int masks = 0b1100;
        for (int level = levels; level >= 1; level--) {
            long word = world.word(node, (int) (index / (1L << (9 * (level - 1))) % 512));
            int type = (int) (word & 3);
            if (type == 1 && level > 1 && (word & 0xf800_0000_0000_0ff0L) == 0 && nodes.contains(frame(word))) {
                node = frame(word);
                masks &= (int) word;
                continue;
            }
            boolean reserved = type == 2 && (word < 0 || (word & 0x1c0) != 0);
            if (type < 2 || level == 4 || reserved) {
                return Status.BAD_GNTREF;
            }
            long pages = 1L << (9 * (level - 1));
            if (type == 2 && frame(word) % pages != 0) {
                return Status.BAD_PAGE;
            }
            assertThat(leaf.gfn).isEqualTo(frame(word) + index % pages);
            assertThat(leaf.key).isEqualTo(index - index % pages);
            assertThat((leaf.rights & Access.WRITE) != 0).isEqualTo((word & masks & 4) != 0);
            return type == 2 ? Status.OKAY : Status.REVOKED;
        }
        throw new AssertionError("there is a level 1");
    }

    private static long frame(long word) {
        return word << 12 >>> 24;
    }

    private void takeBack() {
        long snapshot = anyWord() & (LeafWord.FRAME | LeafWord.GEN);
        int order = 9 * random.nextInt(3);
        long key = (index() >>> order) << order;
        switch (random.nextInt(4)) {
            case 0 -> tree.clear(key, order, snapshot, 1 + random.nextInt(3));
            case 1 -> assertThat(tree.close(key, order, snapshot)).isZero();
            case 2 -> tree.attached(key, order, random.nextBoolean());
            default -> tree.synchronise(key, order, snapshot, random.nextInt(4));
        }
    }
}
