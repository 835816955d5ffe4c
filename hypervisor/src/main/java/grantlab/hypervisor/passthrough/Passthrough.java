package grantlab.hypervisor.passthrough;

import grantlab.api.iommu.Device;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.Iommu;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.PhysicalMap;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The devices of one domain, and what keeps the space that they reach in step with the domain's memory. */
public final class Passthrough {
    private final DeviceSpace space;
    private final List<Device> devices;
    private final @Nullable BusFrames busFrames;
    private final @Nullable PhysmapFollower follower;
    private final Runnable end;

    private Passthrough(
            DeviceSpace space,
            int devices,
            @Nullable BusFrames busFrames,
            @Nullable PhysmapFollower follower,
            Runnable end) {
        this.space = space;
        this.follower = follower;
        this.devices = Stream.generate(space::attach).limit(devices).toList();
        this.busFrames = busFrames;
        this.end = end;
    }

    /**
     * Devices for a domain that knows machine frames.
     *
     * @param domid an admitted domain without memory
     * @param map its map, which nobody else knows yet
     * @param devices how many
     * @param iommu serves such domains
     * @param confining whether that keeps devices from anything; without, a bus address is a machine address and that is all
     * @param frames the machine's
     */
    public static Passthrough onBus(
            int domid, PhysicalMap map, int devices, Iommu iommu, boolean confining, FrameTable frames) {
        DeviceSpace space = iommu.open(domid, map);
        if (!confining) {
            return new Passthrough(space, devices, null, null, () -> {});
        }
        BusFrames busFrames = new BusFrames(space, new Invalidations(space));
        frames.watch(domid, busFrames);
        map.watch(busFrames);
        return new Passthrough(space, devices, busFrames, null, busFrames::end);
    }

    /**
     * Devices for a domain with a guest-physical map.
     *
     * @param domid an admitted domain without memory
     * @param map its map, in which nothing stands and which nobody else knows yet
     * @param devices how many
     * @param iommu serves such domains
     */
    public static Passthrough translated(int domid, PhysicalMap map, int devices, Iommu iommu) {
        DeviceSpace space = iommu.open(domid, map);
        PhysmapFollower follower = new PhysmapFollower(map, space, new Invalidations(space));
        map.watch(follower);
        return new Passthrough(space, devices, null, follower, follower::end);
    }

    /**
     * What the devices reach.
     *
     * @return always the same
     */
    public DeviceSpace space() {
        return space;
    }

    /**
     * The devices.
     *
     * @return by number, also when they were detached
     */
    public List<Device> devices() {
        return devices;
    }

    /**
     * Where frames of others are counted.
     *
     * @return null where the guest-physical map says all, and where there is no IOMMU
     */
    public @Nullable BusFrames busFrames() {
        return busFrames;
    }

    /**
     * What devices write to a guest frame where nothing stands vanishes from now on, and what they read there faults (grant-v3.md, 8.1,
     * SINK_WO).
     *
     * @param gfn guest frame
     * @param scratch machine frame that swallows it, held until {@link #unsink}
     * @return false: it faults too, because something stands there, or there are no entries that can only be written
     */
    public boolean sink(long gfn, long scratch) {
        return follower != null && follower.sink(gfn, scratch);
    }

    /**
     * What devices write there faults again, from the next flush of the address space on, unless something stands there by now.
     *
     * @param gfn guest frame
     * @param scratch machine frame
     */
    public void unsink(long gfn, long scratch) {
        if (follower != null) {
            follower.unsink(gfn, scratch);
        }
    }

    /** The domain dies: when this returns, its devices are detached and reach nothing any more. */
    public void end() {
        end.run();
        space.dispose();
    }
}
