package grantlab.conformance;

import grantlab.api.Capability;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.Page;
import grantlab.api.memory.PhysicalMap;
import grantlab.hypervisor.Machine;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.passthrough.Passthrough;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * Who reaches a frame: an exhaustive search of everything through which an access can come to it. It reads what processors and devices
 * read, and asks neither handles nor records nor any search of the engine's, so that it proves what these promise:
 *
 * <ul>
 *   <li>every page table that a PV domain owns, of each level, whether or not a root leads to it;
 *   <li>every entry of every guest-physical map;
 *   <li>what the TLBs of all vCPUs remember;
 *   <li>every entry of every device table, what the IOTLBs remember, and accesses of devices that are under way.
 * </ul>
 *
 * <p>Without an IOMMU devices reach everything, and nothing is said of them. For a machine whose vCPUs do not run, or run only where they
 * cannot come to the frame.
 */
public final class Reachability {
    private static final int ENTRIES = Page.SIZE / Long.BYTES;
    private static final long PRESENT = 1;
    private static final long ENTRY_FRAME = 0x000f_ffff_ffff_f000L;

    private final Machine machine;
    private final boolean confined;

    private Reachability(Machine machine, boolean confined) {
        this.machine = machine;
        this.confined = confined;
    }

    /**
     * The search of a world.
     *
     * @param world any
     * @return over all of its domains
     */
    public static Reachability in(World world) {
        Choice iommu = world.combination().member(Member.IOMMU);
        return new Reachability(world.machine(), iommu != null && iommu.declares(Capability.CONFINED_DEVICES));
    }

    /**
     * Expects that nobody but its owner reaches a frame.
     *
     * @param world where
     * @param owner domid of the domain that may
     * @param mfn machine frame
     */
    public static void expectPrivate(World world, int owner, long mfn) {
        Expect.equal(
                "ways of others than d" + owner + " to frame 0x" + Long.toHexString(mfn),
                List.of(),
                in(world).waysOfOthers(owner, mfn));
    }

    /**
     * Ways to a frame of all domains but one.
     *
     * @param owner domid of the domain that may reach it
     * @param mfn machine frame
     * @return none, or each in words
     */
    public List<String> waysOfOthers(int owner, long mfn) {
        List<String> ways = new ArrayList<>();
        for (Domain domain : machine.domains()) {
            if (domain.domid() != owner) {
                ways.addAll(ways(domain, mfn));
            }
        }
        return ways;
    }

    /**
     * Ways of one domain to a frame.
     *
     * @param domain whose CPUs and devices
     * @param mfn machine frame
     * @return none, or each in words
     */
    public List<String> ways(Domain domain, long mfn) {
        Ways ways = new Ways("d" + domain.domid(), mfn);
        if (domain.translated()) {
            searchMap(domain.physicalMap(), ways);
        } else {
            searchPageTables(domain.domid(), ways);
        }
        if (domain.addressSpace().remembers(mfn)) {
            ways.add("the TLB of a vCPU");
        }
        Passthrough passthrough = domain.passthrough();
        if (confined && passthrough != null) {
            searchDevices(domain, passthrough.space(), ways);
        }
        return ways.found;
    }

    /** What was found of one domain. */
    private record Ways(String domain, long mfn, List<String> found) {
        Ways(String domain, long mfn) {
            this(domain, mfn, new ArrayList<>());
        }

        void add(String way) {
            found.add(domain + ": " + way);
        }
    }

    private void searchPageTables(int domid, Ways ways) {
        FrameTable frames = machine.frames();
        MachineMemory memory = machine.memory();
        long[] entries = new long[ENTRIES];
        for (long table = frames.nextOwned(domid, 0);
                table != FrameTable.NONE;
                table = frames.nextOwned(domid, table + 1)) {
            int level = frames.type(table);
            if (level >= FrameTable.TYPE_L1 && level <= FrameTable.TYPE_L4) {
                memory.copyOut(Page.address(table), MemorySegment.ofArray(entries));
                for (int at = 0; at < ENTRIES; at++) {
                    if ((entries[at] & PRESENT) != 0 && (entries[at] & ENTRY_FRAME) >>> Page.SHIFT == ways.mfn()) {
                        ways.add("entry " + at + " of a page table of level " + level);
                    }
                }
            }
        }
    }

    private static void searchMap(PhysicalMap map, Ways ways) {
        for (long gfn = map.next(0); gfn != PhysicalMap.INVALID; gfn = map.next(gfn + 1)) {
            long entry = map.entry(gfn);
            if (entry != PhysicalMap.INVALID
                    && PhysicalMap.typeOf(entry) != PhysicalMap.NONE
                    && PhysicalMap.frameOf(entry) == ways.mfn()) {
                ways.add("the physical map at gfn 0x" + Long.toHexString(gfn));
            }
        }
    }

    private static void searchDevices(Domain domain, DeviceSpace space, Ways ways) {
        // The devices of a domain that dies are gone, though the map by which they were translated is still there.
        boolean tables = !(domain.dying() && space.followsPhysicalMap());
        for (long dfn = tables ? space.next(0) : DeviceSpace.NONE; dfn != DeviceSpace.NONE; dfn = space.next(dfn + 1)) {
            long entry = space.entry(dfn);
            if (DeviceSpace.accessOf(entry) != 0 && DeviceSpace.frameOf(entry) == ways.mfn()) {
                ways.add("the device table at dfn 0x" + Long.toHexString(dfn));
            }
        }
        if (space.remembers(ways.mfn())) {
            ways.add("the IOTLB, or an access that is under way");
        }
    }
}
