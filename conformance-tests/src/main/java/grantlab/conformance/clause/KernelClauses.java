package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.Status;
import grantlab.api.abi.V3Entry;
import grantlab.api.abi.V3Map;
import grantlab.api.abi.V3Ref;
import grantlab.api.abi.V3TreeDestroy;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.GuestTree;
import grantlab.api.guest.GuestKernel;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.World;
import grantlab.conformance.call.V3Answer;
import grantlab.conformance.call.V3Call;
import grantlab.conformance.call.V3Form;
import java.util.ArrayList;
import java.util.List;

/** What a granter's kernel is refused by its own side of a table, and that nothing has changed then. */
public final class KernelClauses implements ClauseFamily {
    private static final String SOURCE = "GuestTable; GuestTree";
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final long INDEX = World.FIRST_INDEX;
    private static final int NODE = 1 << V3Entry.LEVEL_BITS;
    private static final int NOBODY = 999;
    private static final int GENERATIONS = 16;

    /** For ServiceLoader. */
    public KernelClauses() {}

    @Override
    public String prefix() {
        return "KERNEL";
    }

    @Override
    public String title() {
        return "A guest's kernel and its own table";
    }

    private static void grant(World world, long index, int page) {
        world.table().grant(index, World.GRANTEE, world.granter().pageFrame(page), Page.ORDER_4K, READ_WRITE);
    }

    /** The grantee can map it, for writing if it is so. */
    private static void expectMaps(World world, long index, int access) {
        Driver driver = new Driver(world.grantee());
        driver.unmap(driver.map(world.table().reference(index), 0, access));
    }

    /** Says no in an exception of a kind, whose words have what is wrong in them. */
    private static void expectRefused(Class<? extends RuntimeException> kind, Object words, Runnable deed) {
        try {
            deed.run();
        } catch (IllegalArgumentException | IllegalStateException e) {
            Expect.equal("what is thrown", kind, e.getClass());
            String message = String.valueOf(e.getMessage());
            Expect.holds("'" + words + "' in '" + message + "'", message.contains(String.valueOf(words)));
            return;
        }
        Expect.holds("refused for " + words, false);
    }

    private static void expectNoArgument(Object words, Runnable deed) {
        expectRefused(IllegalArgumentException.class, words, deed);
    }

    private static void expectNoState(Object words, Runnable deed) {
        expectRefused(IllegalStateException.class, words, deed);
    }

    @Clause(
            id = "KERNEL-01",
            promise =
                    "The first and the last index of a table can be granted, ended and narrowed; one outside of it is no argument, and the"
                            + " message names it.",
            source = SOURCE)
    void indices(World world) {
        GuestTable table = world.table();
        long last = table.size() - 1;
        grant(world, last, 0);
        expectMaps(world, last, READ_WRITE);
        Expect.holds("narrowed", table.narrow(last));
        expectMaps(world, last, Access.READ);
        Expect.holds("ended", table.end(last));
        grant(world, 0, 0);
        for (long wrong : new long[] {-1, Long.MIN_VALUE, last + 1, Long.MAX_VALUE}) {
            expectNoArgument(wrong, () -> grant(world, wrong, 0));
            expectNoArgument(wrong, () -> table.end(wrong));
            expectNoArgument(wrong, () -> table.narrow(wrong));
        }
        Expect.holds("ended", table.end(0));
    }

    @Clause(
            id = "KERNEL-02",
            promise =
                    "A frame that a table cannot name, or an order that it does not have, is no argument of a grant, the message names the"
                            + " frame, and what was granted there stays.",
            source = SOURCE + " (canName)")
    void frames(World world) {
        GuestTable table = world.table();
        long frame = world.granter().pageFrame(0);
        grant(world, INDEX, 0);
        Expect.holds("a page can be named", table.canName(frame, Page.ORDER_4K));
        Expect.holds("frame 0 can be named", table.canName(0, Page.ORDER_4K));
        Expect.holdsNot("a negative number", table.canName(-1, Page.ORDER_4K));
        for (int order : new int[] {-1, 1, Page.ORDER_2M - 1, Page.ORDER_2M + 1, Page.ORDER_1G + 1}) {
            Expect.holdsNot("order " + order, table.canName(0, order));
            expectNoArgument("frame 0x0", () -> table.grant(INDEX, World.GRANTEE, 0, order, READ_WRITE));
        }
        for (int order : new int[] {Page.ORDER_4K, Page.ORDER_2M, Page.ORDER_1G}) {
            Expect.holdsNot("a negative number of order " + order, table.canName(-1L << Page.ORDER_1G, order));
            if (!table.canName(0, order)) {
                expectNoArgument("frame 0x0", () -> table.grant(0, World.GRANTEE, 0, order, READ_WRITE));
            }
        }
        expectNoArgument(
                "frame 0xffffffffffffffff", () -> table.grant(INDEX, World.GRANTEE, -1, Page.ORDER_4K, READ_WRITE));
        expectMaps(world, INDEX, READ_WRITE);
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "KERNEL-03",
            promise =
                    "A tree names frames below 2^40, blocks where frame numbers are the guest's own and it has the level for them; what is"
                            + " not aligned to its order is no argument.",
            source = SOURCE + "; grant-v3.md, 3.2, 10")
    void blocks(World world) {
        GuestTree tree = (GuestTree) world.table();
        Expect.holds("the last frame", tree.canName(Page.FRAME_LIMIT - 1, Page.ORDER_4K));
        Expect.holdsNot("one beyond", tree.canName(Page.FRAME_LIMIT, Page.ORDER_4K));
        boolean own = world.granter().translated();
        for (int order : new int[] {Page.ORDER_2M, Page.ORDER_1G}) {
            boolean can = own && order / V3Entry.LEVEL_BITS < tree.levels();
            long block = 1L << order;
            Expect.equal("a block of order " + order, can, tree.canName(block, order));
            Expect.holdsNot("a block beyond", tree.canName(Page.FRAME_LIMIT, order));
            if (can) {
                for (long off : new long[] {1, block / 2}) {
                    expectNoArgument("index " + off, () -> tree.grant(off, World.GRANTEE, block, order, READ_WRITE));
                    expectNoArgument(
                            "frame 0x" + Long.toHexString(block + off),
                            () -> tree.grant(0, World.GRANTEE, block + off, order, READ_WRITE));
                }
            }
        }
        Expect.holds("nothing is granted", tree.end(0));
        grant(world, 0, 0);
        expectMaps(world, 0, READ_WRITE);
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "KERNEL-04",
            promise =
                    "An index that is granted, in use or held by the grantee is not granted anew: it is not vacant, and the grant stays as it"
                            + " was.",
            source = SOURCE + "; grant-v3.md, 3.3 (e)")
    void occupied(World world) {
        GuestTree tree = (GuestTree) world.table();
        grant(world, INDEX, 0);
        expectNoState("index " + INDEX, () -> grant(world, INDEX, 1));
        Driver driver = new Driver(world.grantee());
        GuestKernel.MappedGrant mapped = driver.map(tree.reference(INDEX), 0, READ_WRITE);
        expectNoState("index " + INDEX, () -> grant(world, INDEX, 1));
        Expect.holds("closed", tree.close(INDEX));
        expectNoState("index " + INDEX, () -> grant(world, INDEX, 1));
        Expect.holdsNot("ended in use", tree.end(INDEX));
        driver.unmap(mapped);
        Expect.holdsNot("a tombstone is vacated, not ended", tree.end(INDEX));
        grant(world, INDEX, 1);
        expectMaps(world, INDEX, READ_WRITE);
    }

    @Needs(
            format = {"layout-tree", "large-leaves"},
            granter = "translated")
    @Clause(
            id = "KERNEL-05",
            promise =
                    "Pages and blocks do not overlap: no page is granted in a block, no block where there is a node; a block ends, narrows,"
                            + " closes and is watched by each of its indices.",
            source = SOURCE + "; grant-v3.md, 10")
    void pagesAndBlocks(World world) {
        GuestTree tree = (GuestTree) world.table();
        long frame = world.granter().kernel().frameOf(world.granter().kernel().allocatePages(Page.ORDER_2M));
        grant(world, INDEX, 3);
        tree.grant(NODE, World.GRANTEE, frame, Page.ORDER_2M, READ_WRITE);
        for (long inside : new long[] {NODE, NODE + 7, 2 * NODE - 1}) {
            expectNoState("index " + inside, () -> grant(world, inside, 0));
            expectMaps(world, inside, READ_WRITE);
            Expect.holdsNot("in use", tree.watch(inside));
        }
        Expect.equal("watched and unused", NODE, tree.nextWatchedUnused(0));
        Expect.equal("watched and unused, from its first index", NODE, tree.nextWatchedUnused(NODE));
        Expect.equal("none behind its first index", -1, tree.nextWatchedUnused(NODE + 1));
        grant(world, 2 * NODE, 1);
        tree.watch(2 * NODE);
        Expect.equal("the next behind it", 2 * NODE, tree.nextWatchedUnused(NODE + 1));
        expectNoState("index " + 2 * NODE, () -> tree.grant(2 * NODE, World.GRANTEE, frame, Page.ORDER_2M, READ_WRITE));
        expectMaps(world, 2 * NODE, READ_WRITE);
        Expect.holds("narrowed", tree.narrow(NODE + 9));
        expectMaps(world, NODE, Access.READ);
        Expect.holds("closed", tree.close(NODE + 3));
        Expect.holdsNot("in use", tree.inUse(NODE + 1));
        Expect.holds("vacated", tree.vacate(NODE + 5));
        Expect.equal("nodes that hold nothing", 0, tree.prune());
        grant(world, NODE + 7, 2);
        expectMaps(world, NODE + 7, READ_WRITE);
        Expect.holds("ended", tree.end(NODE + 7));
        Expect.holds("ended", tree.end(2 * NODE));
        Expect.equal("nodes that hold nothing", 2, tree.prune());
        tree.grant(NODE, World.GRANTEE, frame, Page.ORDER_2M, READ_WRITE);
        Expect.holds("ended by any of its indices", tree.end(NODE + 100));
        Expect.holds("nothing is left to be ended", tree.end(NODE));
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "KERNEL-06",
            promise =
                    "The generation of an entry is one more at each new grant of its index, through all sixteen and again.",
            source = "grant-v3.md, 3.2 (GEN)")
    void generations(World world) {
        GuestTree tree = (GuestTree) world.table();
        TreeDriver driver = new TreeDriver(world.grantee());
        for (int n = 1; n <= GENERATIONS + 2; n++) {
            grant(world, INDEX, n % 3);
            V3Answer mapped = driver.hold(tree.reference(INDEX), 0, V3Map.WRITE);
            Expect.equal("generation", n % GENERATIONS, mapped.get(V3Map.ENTRY_GEN));
            boolean closed = n % 2 == 0 && tree.close(INDEX);
            driver.letGo(mapped);
            Expect.holds("withdrawn", closed ? tree.vacate(INDEX) : tree.end(INDEX));
        }
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "KERNEL-07",
            promise =
                    "A kernel without a page for a root or a node says so, what was granted stays, and with a page again the same is"
                            + " granted.",
            source = "GrantFormat (bringUp); " + SOURCE)
    void withoutMemory(World world) {
        GuestTree tree = (GuestTree) world.table();
        GuestKernel kernel = world.granter().kernel();
        grant(world, INDEX, 0);
        List<Long> taken = takeAll(kernel);
        expectNoState("no page", () -> world.format().bringUp(kernel, World.GRANTEE, -1));
        if (tree.levels() < BareTree.format(world).maxLevels()) {
            int levels = tree.levels();
            expectNoState("no page", tree::grow);
            Expect.equal("levels", levels, tree.levels());
        }
        long far = tree.size() - 1;
        int missing = tree.levels() - 1;
        for (int n = 0; n < missing; n++) {
            expectNoState("no page", () -> grant(world, far, 1));
            kernel.freePages(taken.removeLast(), Page.ORDER_4K);
        }
        grant(world, far, 1);
        expectMaps(world, far, READ_WRITE);
        expectMaps(world, INDEX, READ_WRITE);
        taken.forEach(page -> kernel.freePages(page, Page.ORDER_4K));
    }

    private static List<Long> takeAll(GuestKernel kernel) {
        List<Long> taken = new ArrayList<>();
        for (long page = kernel.allocatePages(Page.ORDER_4K); page >= 0; page = kernel.allocatePages(Page.ORDER_4K)) {
            taken.add(page);
        }
        return taken;
    }

    private static int free(GuestKernel kernel) {
        List<Long> taken = takeAll(kernel);
        taken.forEach(page -> kernel.freePages(page, Page.ORDER_4K));
        return taken.size();
    }

    @Needs(format = "layout-tree")
    @Clause(
            id = "KERNEL-08",
            promise =
                    "What the hypervisor refuses of bringing up, growing and pruning is said with its status, and the page that was meant for"
                            + " it is given back.",
            source = "GrantFormat (bringUp); GuestTree (grow, prune)")
    void refusedByTheHypervisor(World world) {
        GuestTree tree = (GuestTree) world.table();
        GuestKernel kernel = world.granter().kernel();
        grant(world, INDEX, 1);
        int free = free(kernel);
        expectNoState(Status.BAD_DOMAIN, () -> world.format().bringUp(kernel, NOBODY, -1));
        Expect.equal("free pages", free, free(kernel));
        int most = BareTree.format(world).maxLevels();
        while (tree.levels() < most) {
            tree.grow();
            free--;
            Expect.equal("free pages", free, free(kernel));
        }
        expectNoState(Status.BAD_SIZE, tree::grow);
        Expect.equal("free pages", free, free(kernel));
        world.step("pruned while it is the hypervisor's, and when it is not any more");
        long far = tree.size() - 1;
        grant(world, far, 0);
        Expect.equal("free pages", free - most + 1, free(kernel));
        Expect.holds("ended", tree.end(far));
        Expect.equal("nodes", most - 1, tree.prune());
        Expect.equal("free pages", free, free(kernel));
        grant(world, far, 0);
        Expect.holds("ended", tree.end(far));
        long reference = tree.reference(0);
        Expect.okay(world.granter().call(destruction(reference)));
        expectNoState(Status.BAD_TREE, tree::prune);
        Expect.equal("free pages", free - most + 1, free(kernel));
    }

    @Needs(format = {"layout-tree", "large-leaves"})
    @Clause(
            id = "KERNEL-09",
            promise =
                    "What pruning gives back nobody holds, though it was remembered a moment ago; a tree that has grown grants, ends and prunes"
                            + " old indices as before.",
            source = "GuestTree (prune, grow); grant-v3.md, 7.5, TLB-4")
    void prunedPagesAreFree(World world) {
        GuestTree tree = (GuestTree) world.table();
        grant(world, INDEX, 0);
        for (int n = 0; n < 2; n++) {
            long far = tree.size() - 1;
            long references = freeReferences(world);
            for (long index : new long[] {far, far / 2}) {
                grant(world, index, 1);
                expectMaps(world, index, READ_WRITE);
                Expect.holds("ended", tree.end(index));
            }
            Expect.holds("nodes come back", tree.prune() > 0);
            Expect.equal("references on pages that are free", references, freeReferences(world));
            expectMaps(world, INDEX, READ_WRITE);
            if (tree.levels() < BareTree.format(world).maxLevels()) {
                tree.grow();
            }
            grant(world, INDEX + 1, 2);
            expectMaps(world, INDEX + 1, READ_WRITE);
            Expect.holds("ended", tree.end(INDEX + 1));
        }
        Expect.holds("ended", tree.end(INDEX));
    }

    /** On all pages that the kernel could allocate. */
    private static long freeReferences(World world) {
        GuestKernel kernel = world.granter().kernel();
        PhysicalMap map = world.granter().domain().physicalMap();
        List<Long> taken = takeAll(kernel);
        long references = taken.stream()
                .mapToLong(page -> world.machine().frames().references(map.machineFrame(kernel.frameOf(page))))
                .sum();
        taken.forEach(page -> kernel.freePages(page, Page.ORDER_4K));
        // One that a higher root took has its allocation's.
        return references - taken.size();
    }

    private static V3Call destruction(long reference) {
        return V3Call.of(V3Form.TREE_DESTROY)
                .with(V3TreeDestroy.SLOT, V3Ref.slot(reference))
                .with(V3TreeDestroy.GEN, V3Ref.generation(reference));
    }
}
