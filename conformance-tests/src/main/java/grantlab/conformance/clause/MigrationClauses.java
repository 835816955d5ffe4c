package grantlab.conformance.clause;

import grantlab.api.Access;
import grantlab.api.abi.V3Entry;
import grantlab.api.guest.GuestKernel.MappedGrant;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.Expect;
import grantlab.conformance.Needs;
import grantlab.conformance.Party;
import grantlab.conformance.World;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.image.ImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Saving a domain with its trees, and restoring it (grant-v3.md, section 10). */
@Needs(format = "layout-tree", granter = "translated")
public final class MigrationClauses implements ClauseFamily {
    private static final int READ_WRITE = Access.READ | Access.WRITE;
    private static final int PAGE = 3;
    private static final long INDEX = World.FIRST_INDEX + PAGE;
    private static final int BLOCKS_AT_MOST = 1 << 12;

    /** For ServiceLoader. */
    public MigrationClauses() {}

    @Override
    public String prefix() {
        return "MIG";
    }

    @Override
    public String title() {
        return "Saving and restoring";
    }

    /** What is done with an image of the granter. */
    @FunctionalInterface
    private interface Use {
        void of(Path image) throws IOException;
    }

    private static void withImage(World world, Use use) throws IOException {
        Path image = Files.createTempFile("grantlab", ".image");
        try {
            world.step("the toolstack saves the granter");
            world.machine().save(world.granter().domain(), image);
            use.of(image);
        } finally {
            Files.deleteIfExists(image);
        }
    }

    private static Domain replaced(World world, Path image) {
        world.step("the granter is destroyed and restored under its number");
        world.destroy(world.granter());
        world.machine().restore(image, World.GRANTER);
        Domain restored = world.machine().domain(World.GRANTER);
        if (restored == null) {
            throw new IllegalStateException("restored, and not there");
        }
        return restored;
    }

    @Clause(
            id = "MIG-01",
            promise = "After restoring, a reference of before maps the same data, though other frames hold them.",
            source = "grant-v3.md, MIG-2; 10")
    void sameReferences(World world) throws IOException {
        long reference = world.grant(PAGE, READ_WRITE);
        world.granter().store(world.granter().page(PAGE), 0x1122_3344_5566_7788L);
        withImage(world, image -> {
            Domain restored = replaced(world, image);
            Driver driver = new Driver(world.grantee());
            driver.map(reference, 0, READ_WRITE);
            Expect.equal(
                    "data",
                    0x1122_3344_5566_7788L,
                    world.grantee().load(world.grantee().slot(0)));
            world.grantee().store(world.grantee().slot(0), 99);
            long frame = restored.physicalMap()
                    .machineFrame(Page.frame(world.granter().page(PAGE)));
            Expect.equal(
                    "in the granter's memory", 99L, world.machine().memory().load64(Page.address(frame)));
        });
    }

    @Clause(
            id = "MIG-02",
            promise = "An entry that was in use when its domain was saved is unused in the restored one.",
            source = "grant-v3.md, 10 (clears MAPPED and ATTACHED)")
    void marksAreGone(World world) throws IOException {
        long reference = world.grant(PAGE, READ_WRITE);
        Driver driver = new Driver(world.grantee());
        MappedGrant mapped = driver.map(reference, 0, READ_WRITE);
        Expect.holds("in use before", world.table().inUse(INDEX));
        withImage(world, image -> {
            driver.unmap(mapped);
            Domain restored = replaced(world, image);
            long word = nodeWord(world, restored, Page.frame(world.granter().page(PAGE)));
            Expect.equal("bits that say in use", 0L, word & (V3Entry.MAPPED_R | V3Entry.MAPPED_W));
        });
    }

    /** The entry that names a frame, wherever it stands in the restored memory. */
    private static long nodeWord(World world, Domain restored, long gfn) {
        PhysicalMap map = restored.physicalMap();
        for (long at = map.next(0); at != PhysicalMap.INVALID; at = map.next(at + 1)) {
            long address = Page.address(map.machineFrame(at)) + INDEX * Long.BYTES;
            long word = world.machine().memory().load64(address);
            if ((word & V3Entry.TYPE_MASK) == V3Entry.LEAF && (word & V3Entry.FRAME_MASK) == Page.address(gfn)) {
                return word;
            }
        }
        throw new IllegalStateException("no entry names gfn " + gfn);
    }

    @Clause(
            id = "MIG-03",
            promise = "An image that was cut or changed, in whatever place, is refused, and nothing is restored.",
            source = "grant-v3.md, MIG-1")
    void damaged(World world) throws IOException {
        world.grant(PAGE, READ_WRITE);
        withImage(world, image -> {
            byte[] whole = Files.readAllBytes(image);
            long pages = world.machine().frames().pages(World.THIRD + 1);
            for (int trial = 0; trial < 50; trial++) {
                byte[] damaged;
                if (trial % 2 == 0) {
                    damaged = Arrays.copyOf(whole, world.random().nextInt(whole.length));
                } else {
                    damaged = whole.clone();
                    damaged[world.random().nextInt(whole.length)] ^=
                            (byte) (1 << world.random().nextInt(8));
                }
                Files.write(image, damaged);
                Expect.holds("refused", isRefused(world, image));
                Expect.holds("nothing restored", world.machine().domain(World.THIRD + 1) == null);
            }
            Expect.equal("pages", pages, world.machine().frames().pages(World.THIRD + 1));
        });
    }

    private static boolean isRefused(World world, Path image) {
        try {
            world.machine().restore(image, World.THIRD + 1);
            return false;
        } catch (ImageException expected) {
            return true;
        }
    }

    @Clause(
            id = "MIG-04",
            promise = "An image is not restored over a domain that exists, which stays as it is.",
            source = "grant-v3.md, MIG-3")
    void taken(World world) throws IOException {
        long reference = world.grant(PAGE, READ_WRITE);
        withImage(world, image -> {
            boolean refused = false;
            try {
                world.machine().restore(image, World.GRANTER);
            } catch (ImageException expected) {
                refused = true;
            }
            Expect.holds("refused", refused);
            new Driver(world.grantee()).map(reference, 0, READ_WRITE);
        });
    }

    @Needs(format = "large-leaves", grantee = "large-mappings")
    @Clause(
            id = "MIG-05",
            promise = "The memory behind a large leaf is large again, and maps as one.",
            source = "grant-v3.md, MIG-4")
    void largeAgain(World world) throws IOException {
        Party granter = world.granter();
        long block = granter.kernel().allocatePages(Page.ORDER_2M);
        long gfn = granter.kernel().frameOf(block);
        long index = 1L << Page.ORDER_2M;
        world.table().grant(index, World.GRANTEE, gfn, Page.ORDER_2M, READ_WRITE);
        long reference = world.table().reference(index);
        granter.store(block + Page.address(5), 55);
        withImage(world, image -> {
            Domain restored = replaced(world, image);
            Expect.equal(
                    "order",
                    Page.ORDER_2M,
                    PhysicalMap.orderOf(restored.physicalMap().entry(gfn)));
            long slot = world.grantee().kernel().allocateSlot(Page.ORDER_2M);
            MappedGrant mapping = new MappedGrant();
            Expect.equal(
                    "status",
                    0,
                    world.grantee().kernel().map(World.GRANTER, reference, slot, Page.ORDER_2M, Access.READ, mapping));
            Expect.equal("order that was got", Page.ORDER_2M, mapping.order);
            Expect.equal("data", 55L, world.grantee().load(slot + Page.address(5)));
        });
    }

    @Needs(format = "large-leaves")
    @Clause(
            id = "MIG-06",
            promise =
                    "Where there is no room for a block its pages come one by one, and every index within the leaf maps.",
            source = "grant-v3.md, MIG-4, LARGE-2")
    void largeInPieces(World world) throws IOException {
        Party granter = world.granter();
        long block = granter.kernel().allocatePages(Page.ORDER_2M);
        long index = 1L << Page.ORDER_2M;
        world.table().grant(index, World.GRANTEE, granter.kernel().frameOf(block), Page.ORDER_2M, READ_WRITE);
        long reference = world.table().reference(index);
        granter.store(block + Page.address(7), 77);
        withImage(world, image -> {
            world.destroy(granter);
            world.third();
            shatter(world);
            world.machine().restore(image, World.GRANTER);
            new Driver(world.grantee()).map(reference + 7, 0, READ_WRITE);
            Expect.equal("data", 77L, world.grantee().load(world.grantee().slot(0)));
        });
    }

    /** Takes one page of every block that is free, so that none is whole. */
    private static void shatter(World world) {
        FrameTable frames = world.machine().frames();
        for (int block = 0; block < BLOCKS_AT_MOST; block++) {
            long first = frames.allocate(World.THIRD, Page.ORDER_2M);
            if (first == FrameTable.NONE) {
                return;
            }
            for (long frame = first + 1; frame < first + (1L << Page.ORDER_2M); frame++) {
                frames.get(frame, Page.ORDER_4K, World.THIRD);
                frames.releaseAllocation(frame);
                frames.put(frame, Page.ORDER_4K);
            }
        }
        throw new IllegalStateException("the machine has more memory than the clause can shatter");
    }
}
