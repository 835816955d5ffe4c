package grantlab.iommu.tlb;

import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.Page;
import grantlab.iommu.table.DeviceTables;

/**
 * What the devices of a space remember of its table: a real cache. A line stays, with the rights that it had, until it is
 * forgotten or displaced. What is absent is not remembered.
 */
public final class Iotlb {
    private static final int PAGE_LINES = 256;
    private static final int BLOCK_LINES = 32;
    private static final int GIANT_LINES = 8;

    private final DeviceTables tables;
    private final Lines pages = new Lines(Page.ORDER_4K, PAGE_LINES);
    private final Lines blocks = new Lines(Page.ORDER_2M, BLOCK_LINES);
    private final Lines giants = new Lines(Page.ORDER_1G, GIANT_LINES);
    private final Forgettings forgettings = new Forgettings();

    /**
     * Remembers nothing yet.
     *
     * @param tables what to look into
     */
    public Iotlb(DeviceTables tables) {
        this.tables = tables;
    }

    /**
     * What a device finds at a device frame.
     *
     * @param dfn any number
     * @return the entry as it is remembered, or else as it is; or NO_ENTRY
     */
    public long translate(long dfn) {
        long entry = pages.lookUp(dfn);
        if (entry == DeviceSpace.NO_ENTRY) {
            entry = blocks.lookUp(dfn);
        }
        if (entry == DeviceSpace.NO_ENTRY) {
            entry = giants.lookUp(dfn);
        }
        return entry == DeviceSpace.NO_ENTRY ? walk(dfn) : entry;
    }

    private long walk(long dfn) {
        long before = forgettings.count();
        long entry = tables.entry(dfn);
        if (entry != DeviceSpace.NO_ENTRY) {
            lines(DeviceSpace.orderOf(entry)).fill(dfn, entry, forgettings, before);
        }
        return entry;
    }

    private Lines lines(int order) {
        return switch (order) {
            case Page.ORDER_4K -> pages;
            case Page.ORDER_2M -> blocks;
            default -> giants;
        };
    }

    /**
     * Forgets what a device may remember of a range, larger entries around it included.
     *
     * @param dfn first device frame
     * @param order of the range
     */
    public void forget(long dfn, int order) {
        forgettings.add();
        pages.forget(dfn, order);
        blocks.forget(dfn, order);
        giants.forget(dfn, order);
    }

    /** Forgets everything. */
    public void forgetAll() {
        forgettings.add();
        pages.forgetAll();
        blocks.forgetAll();
        giants.forgetAll();
    }

    /**
     * Whether anything that is remembered leads to a frame.
     *
     * @param mfn a machine frame
     * @return exact while nobody translates
     */
    public boolean leadsTo(long mfn) {
        return pages.leadsTo(mfn) || blocks.leadsTo(mfn) || giants.leadsTo(mfn);
    }
}
