package grantlab.virtio.transport;

import grantlab.api.Status;
import grantlab.api.guest.GuestKernel;
import grantlab.api.guest.GuestKernel.FoundTree;

/**
 * A table of a driver's guest as the device's guest names entries of it.
 *
 * @param granter domid of the driver's guest
 * @param base reference of index 0
 * @param epoch of the binding of the tree; 0 for a flat table
 * @param indexLimit exclusive
 */
public record GrantedTable(int granter, long base, int epoch, long indexLimit) {
    private static final int NO_DEVICE = -1;
    private static final long FLAT_LIMIT = 1L << 32;

    /**
     * The tree of one device.
     *
     * @param kernel of the guest in which the device is
     * @param granter domid of the driver's guest
     * @param deviceId of the device
     * @throws IllegalStateException when there is none; the message has the status
     */
    public static GrantedTable ofDevice(GuestKernel kernel, int granter, int deviceId) {
        FoundTree tree = new FoundTree();
        int status = kernel.findTree(granter, deviceId, tree);
        if (status != Status.OKAY) {
            throw new IllegalStateException(
                    "domain " + granter + " has no tree for device " + deviceId + ": v3_probe answers " + status);
        }
        return of(granter, tree);
    }

    /** The table that is not of a device: a tree, where the granter has one for this guest, or else its flat table. */
    static GrantedTable common(GuestKernel kernel, int granter) {
        FoundTree tree = new FoundTree();
        return kernel.findTree(granter, NO_DEVICE, tree) == Status.OKAY
                ? of(granter, tree)
                : new GrantedTable(granter, 0, 0, FLAT_LIMIT);
    }

    private static GrantedTable of(int granter, FoundTree tree) {
        return new GrantedTable(granter, tree.reference, tree.epoch, tree.indexLimit);
    }
}
