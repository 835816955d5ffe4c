package grantlab.conformance.fault;

import grantlab.api.Behaviour;
import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.grant.GuestTable;
import grantlab.api.grant.TableFrames;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
import grantlab.api.guest.GuestKernel;
import grantlab.api.iommu.DeviceSpace;
import grantlab.api.iommu.Iommu;
import grantlab.api.iommu.IommuProvider;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.api.memory.MachineRam;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.memory.PhysicalMap;
import grantlab.api.memory.RamLayout;
import grantlab.api.paging.AddressSpace;
import grantlab.api.paging.PagingMode;
import grantlab.api.paging.PagingModeProvider;
import grantlab.hypervisor.Installed;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/** Puts wrong parts into real implementations, and those in the place of the real ones. */
final class Impostors {
    private Impostors() {}

    /** What a flat table stands on. */
    record Footing(Ground ground, FlatFormat format, TableFrames frames) {
        MachineMemory memory() {
            return ground.memory();
        }

        /** Machine address of the 16 bits with the marks. */
        long marks(long index) {
            return format.codecs().getFirst().marksAddress(frames, index);
        }
    }

    static UnaryOperator<Installed> flatTable(String format, BiFunction<Footing, FlatTable, FlatTable> wrong) {
        return format(format, (ground, real) -> {
            FlatFormat flat = (FlatFormat) real;
            return new FaultyFlatFormat(flat) {
                @Override
                public FlatTable open(TableFrames frames) {
                    return wrong.apply(new Footing(ground, flat, frames), flat.open(frames));
                }
            };
        });
    }

    static UnaryOperator<Installed> treeTable(String format, BiFunction<Ground, TreeTable, TreeTable> wrong) {
        return format(format, (ground, real) -> new FaultyTreeFormat((TreeFormat) real) {
            @Override
            public int open(PhysicalMap granter, int domid, long rootGfn, int levels, long indexLimit, Opened result) {
                int status = super.open(granter, domid, rootGfn, levels, indexLimit, result);
                TreeTable table = result.table;
                if (table != null) {
                    result.table = wrong.apply(ground, table);
                }
                return status;
            }
        });
    }

    static UnaryOperator<Installed> guestTable(String format, BiFunction<GuestKernel, GuestTable, GuestTable> wrong) {
        return format(format, (ground, real) -> new FaultyFlatFormat((FlatFormat) real) {
            @Override
            public GuestTable bringUp(GuestKernel granter, int peer, int deviceId) {
                return wrong.apply(granter, super.bringUp(granter, peer, deviceId));
            }
        });
    }

    static UnaryOperator<Installed> format(String name, BiFunction<Ground, GrantFormat, GrantFormat> wrong) {
        return installed -> {
            GrantFormatProvider real = installed.format(name);
            return installed.with(new GrantFormatProvider() {
                @Override
                public String name() {
                    return real.name();
                }

                @Override
                public Set<Capability> capabilities() {
                    return real.capabilities();
                }

                @Override
                public GrantFormat create(Ground ground) {
                    return wrong.apply(ground, real.create(ground));
                }
            });
        };
    }

    static UnaryOperator<Installed> paging(String name, UnaryOperator<AddressSpace> wrong) {
        return installed -> {
            PagingModeProvider real = installed.pagingMode(name);
            return installed.with(new PagingModeProvider() {
                @Override
                public String name() {
                    return real.name();
                }

                @Override
                public Set<Capability> capabilities() {
                    return real.capabilities();
                }

                @Override
                public PagingMode create(Ground ground) {
                    PagingMode mode = real.create(ground);
                    return (domid, map) -> wrong.apply(mode.open(domid, map));
                }
            });
        };
    }

    static UnaryOperator<Installed> iommu(String name, UnaryOperator<DeviceSpace> wrong) {
        return installed -> {
            IommuProvider real = installed.iommu(name);
            return installed.with(new IommuProvider() {
                @Override
                public String name() {
                    return real.name();
                }

                @Override
                public Set<Capability> capabilities() {
                    return real.capabilities();
                }

                @Override
                public Iommu create(Ground ground) {
                    Iommu iommu = real.create(ground);
                    return (domid, map) -> wrong.apply(iommu.open(domid, map));
                }
            });
        };
    }

    /** Of every kind of memory, so that it does not matter which one a machine has. */
    static UnaryOperator<Installed> ram(UnaryOperator<MachineRam> wrong) {
        return installed -> {
            Installed all = installed;
            for (MemoryProvider real : installed.memories()) {
                all = all.with(new MemoryProvider() {
                    @Override
                    public String name() {
                        return real.name();
                    }

                    @Override
                    public MachineRam create(RamLayout layout, Behaviour behaviour) {
                        return wrong.apply(real.create(layout, behaviour));
                    }
                });
            }
            return all;
        };
    }

    static UnaryOperator<Installed> frames(BiFunction<MachineMemory, FrameTable, FrameTable> wrong) {
        return ram(real -> {
            FrameTable books = wrong.apply(real.memory(), real.frames());
            return new FaultyMachineRam(real) {
                @Override
                public FrameTable frames() {
                    return books;
                }
            };
        });
    }

    static UnaryOperator<Installed> bytes(UnaryOperator<MachineMemory> wrong) {
        return ram(real -> {
            MachineMemory bytes = wrong.apply(real.memory());
            return new FaultyMachineRam(real) {
                @Override
                public MachineMemory memory() {
                    return bytes;
                }
            };
        });
    }

    static UnaryOperator<Installed> translatedMap(UnaryOperator<PhysicalMap> wrong) {
        return ram(real -> new FaultyMachineRam(real) {
            @Override
            public PhysicalMap translatedMap(int domid) {
                return wrong.apply(super.translatedMap(domid));
            }
        });
    }
}
