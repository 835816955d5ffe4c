package grantlab.benchmark;

import grantlab.api.memory.Page;
import grantlab.hypervisor.guest.Guest;
import java.util.Locale;

/** How 2 MiB of a granter's memory come to a grantee, or some pages of it. */
enum LeafShape {
    /** 64 leaves of one page, an element each. */
    PAGES(Mapper.REFERENCES, Page.ORDER_4K, 1),
    /** 512 leaves of one page, an element each. */
    PAGES_OF_RUN(512, Page.ORDER_4K, 1),
    /** 512 leaves of one page in one element. */
    RUN(1, Page.ORDER_4K, 512),
    /** One leaf of 2 MiB, each of its 512 pages by an element. */
    PAGES_OF_BLOCK(512, Page.ORDER_4K, 1),
    /** One leaf of 2 MiB in one element. */
    BLOCK(1, Page.ORDER_2M, 512);

    /** Index of the large leaf; behind it come small ones for the same pages, then those of single pages. */
    private static final long LARGE = 0;

    private static final long SMALL = 512;

    private final int elements;
    private final int order;
    private final int pages;

    LeafShape(int elements, int order, int pages) {
        this.elements = elements;
        this.order = order;
        this.pages = pages;
    }

    /** Its word in parameters. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    static LeafShape of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** What an invocation makes and ends so many times. */
    int mappings() {
        return elements * (pages >>> order);
    }

    /** Grants it, and has a mapper for it. */
    LeafMapper mapper(Laboratory laboratory, Guest grantee, int batch) {
        boolean single = this == PAGES;
        long index = this == BLOCK || this == PAGES_OF_BLOCK ? LARGE : SMALL;
        if (single) {
            laboratory.grant((int) SMALL, elements, 0, Mapping.PAGES_EACH, grantee);
        } else {
            laboratory.grantBlock(LARGE, SMALL, grantee);
        }
        long place = single ? grantee.slot(0) : grantee.kernel().allocateSlot(Page.ORDER_2M);
        return new LeafMapper(
                laboratory,
                grantee,
                new LeafMapper.Leaves(laboratory.reference(grantee, index), elements, order, pages, place),
                Math.min(batch, elements));
    }
}
