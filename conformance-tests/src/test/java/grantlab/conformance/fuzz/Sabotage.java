package grantlab.conformance.fuzz;

import grantlab.api.Access;
import grantlab.api.Behaviour;
import grantlab.api.Capability;
import grantlab.api.Ground;
import grantlab.api.Status;
import grantlab.api.grant.FlatFormat;
import grantlab.api.grant.FlatTable;
import grantlab.api.grant.GrantFormat;
import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.grant.TableFrames;
import grantlab.api.grant.TreeFormat;
import grantlab.api.grant.TreeTable;
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
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Stream;

/** Implementations that are the real ones but for one fault each. */
final class Sabotage {
    private Sabotage() {}

    /**
     * What is installed, with a provider of ours in the place of one of its kind.
     *
     * @param service the kind
     * @param impostor takes the place of the provider of the same name
     * @param directory for a file with its name
     */
    static <S> Installed installed(Class<S> service, Class<? extends S> impostor, Path directory) throws IOException {
        List<String> providers = Stream.concat(
                        real(service)
                                .map(provider -> provider.getClass().getName())
                                .filter(name -> !name.equals(realName(service, impostor))),
                        Stream.of(impostor.getName()))
                .toList();
        Path file = Files.write(directory.resolve(service.getSimpleName()), providers);
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(new Shadowing(before, "META-INF/services/" + service.getName(), file));
        try {
            return Installed.find();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private static <S> String realName(Class<S> service, Class<? extends S> impostor) {
        try {
            String name = name(impostor.getConstructor().newInstance());
            return real(service)
                    .filter(provider -> name(provider).equals(name))
                    .findFirst()
                    .orElseThrow()
                    .getClass()
                    .getName();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String name(Object provider) {
        return switch (provider) {
            case MemoryProvider memory -> memory.name();
            case GrantFormatProvider format -> format.name();
            case PagingModeProvider paging -> paging.name();
            default -> throw new IllegalArgumentException(provider.toString());
        };
    }

    private static <S> Stream<S> real(Class<S> service) {
        return ServiceLoader.load(service, Sabotage.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get);
    }

    private static <S> S real(Class<S> service, String name) {
        return real(service)
                .filter(provider -> name(provider).equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** Shows one file of services and hides the others of its name. */
    private static final class Shadowing extends ClassLoader {
        private final String name;
        private final Path file;

        Shadowing(ClassLoader parent, String name, Path file) {
            super(parent);
            this.name = name;
            this.file = file;
        }

        @Override
        public Enumeration<URL> getResources(String wanted) throws IOException {
            return wanted.equals(name)
                    ? Collections.enumeration(List.of(file.toUri().toURL()))
                    : super.getResources(wanted);
        }
    }

    /** A call that is done otherwise; it answers {@link #AS_EVER} to have it done as ever. */
    private interface Fault {
        Object AS_EVER = new Object();

        Object call(String method, Object[] arguments);
    }

    /** What a verb without an answer answers. */
    private static final Object NOTHING = new Object();

    private static <T> T with(Class<T> type, T real, Fault fault) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    Object done = fault.call(method.getName(), arguments);
                    try {
                        return done == Fault.AS_EVER ? method.invoke(real, arguments) : done == NOTHING ? null : done;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }

    /** Memory on the heap whose books forget to count a reference down where there are four. */
    public static final class ForgetfulBooks implements MemoryProvider {
        public ForgetfulBooks() {}

        @Override
        public String name() {
            return "on-heap";
        }

        @Override
        public MachineRam create(RamLayout layout, Behaviour behaviour) {
            MachineRam ram = real(MemoryProvider.class, name()).create(layout, behaviour);
            FrameTable books = with(FrameTable.class, ram.frames(), (method, arguments) -> {
                boolean forgets = method.equals("put") && ram.frames().references((long) arguments[0]) == 4;
                return forgets ? null : Fault.AS_EVER;
            });
            return with(MachineRam.class, ram, (method, arguments) -> method.equals("frames") ? books : Fault.AS_EVER);
        }
    }

    /** Format v1 that leaves GTF_writing when the last writer has gone. */
    public static final class StainedV1 implements GrantFormatProvider {
        public StainedV1() {}

        @Override
        public String name() {
            return "v1";
        }

        @Override
        public Set<Capability> capabilities() {
            return real(GrantFormatProvider.class, name()).capabilities();
        }

        @Override
        public GrantFormat create(Ground ground) {
            FlatFormat format =
                    (FlatFormat) real(GrantFormatProvider.class, name()).create(ground);
            return with(
                    FlatFormat.class,
                    format,
                    (method, arguments) ->
                            method.equals("open") ? stained(format.open((TableFrames) arguments[0])) : Fault.AS_EVER);
        }

        private static FlatTable stained(FlatTable table) {
            return with(FlatTable.class, table, (method, arguments) -> {
                if (method.equals("clear")) {
                    table.clear(
                            (long) arguments[0],
                            (int) arguments[1],
                            (long) arguments[2],
                            (int) arguments[3] & ~Access.WRITE);
                    return null;
                }
                return Fault.AS_EVER;
            });
        }
    }

    /** A tree format one of whose verbs is left undone. */
    public abstract static class LazyTree implements GrantFormatProvider {
        private final String undone;
        private final Object answer;

        /** The verb, and what it answers all the same. */
        LazyTree(String undone, Object answer) {
            this.undone = undone;
            this.answer = answer;
        }

        Object answer(Object[] given) {
            return answer;
        }

        @Override
        public String name() {
            return "v3-tree";
        }

        @Override
        public Set<Capability> capabilities() {
            return real(GrantFormatProvider.class, name()).capabilities();
        }

        @Override
        public GrantFormat create(Ground ground) {
            TreeFormat format =
                    (TreeFormat) real(GrantFormatProvider.class, name()).create(ground);
            return with(TreeFormat.class, format, (method, arguments) -> {
                if (!method.equals("open")) {
                    return Fault.AS_EVER;
                }
                TreeFormat.Opened opened = (TreeFormat.Opened) arguments[5];
                int status = format.open(
                        (PhysicalMap) arguments[0],
                        (int) arguments[1],
                        (long) arguments[2],
                        (int) arguments[3],
                        (long) arguments[4],
                        opened);
                TreeTable table = opened.table;
                if (table != null) {
                    opened.table = with(
                            TreeTable.class,
                            table,
                            (verb, given) -> verb.equals(undone) ? answer(given) : Fault.AS_EVER);
                }
                return status;
            });
        }
    }

    /** Trees whose leaves are in use for ever. */
    public static final class StainedTree extends LazyTree {
        private static final int BESIDE = 5;

        public StainedTree() {
            super("end", false);
        }

        /** Of one leaf, or of leaves beside one another with a bit for each. */
        @Override
        Object answer(Object[] given) {
            return given.length == BESIDE ? 0 : super.answer(given);
        }
    }

    /** Trees that go on from nodes that were to be forgotten. */
    public static final class NostalgicTree extends LazyTree {
        public NostalgicTree() {
            super("invalidate", NOTHING);
        }
    }

    /** PV paging that says that it unmapped what was mapped read-only, and did not. */
    public static final class StickyPv implements PagingModeProvider {
        public StickyPv() {}

        @Override
        public String name() {
            return "pv";
        }

        @Override
        public Set<Capability> capabilities() {
            return real(PagingModeProvider.class, name()).capabilities();
        }

        @Override
        public PagingMode create(Ground ground) {
            PagingMode mode = real(PagingModeProvider.class, name()).create(ground);
            return (domid, map) -> sticky(mode.open(domid, map));
        }

        private static AddressSpace sticky(AddressSpace space) {
            return with(AddressSpace.class, space, (method, arguments) -> {
                boolean sticks =
                        method.equals("unmap") && (int) arguments[4] == Access.READ && (long) arguments[1] == 0;
                return sticks ? Integer.valueOf(Status.OKAY) : Fault.AS_EVER;
            });
        }
    }

    /** PV paging in which the machine falls over when a guest replaces a mapping. */
    public static final class FragilePv implements PagingModeProvider {
        public FragilePv() {}

        @Override
        public String name() {
            return "pv";
        }

        @Override
        public Set<Capability> capabilities() {
            return real(PagingModeProvider.class, name()).capabilities();
        }

        @Override
        public PagingMode create(Ground ground) {
            PagingMode mode = real(PagingModeProvider.class, name()).create(ground);
            return (domid, map) -> {
                AddressSpace space = mode.open(domid, map);
                return with(AddressSpace.class, space, (method, arguments) -> {
                    if (method.equals("unmap") && (long) arguments[1] != 0) {
                        throw new IllegalStateException("fragile");
                    }
                    return Fault.AS_EVER;
                });
            };
        }
    }

    /** Memory off the heap in which a copy of 16 bytes or more forgets the last one: another answer than the others give. */
    public static final class ShortCopies implements MemoryProvider {
        public ShortCopies() {}

        @Override
        public String name() {
            return "off-heap";
        }

        @Override
        public MachineRam create(RamLayout layout, Behaviour behaviour) {
            MachineRam ram = real(MemoryProvider.class, name()).create(layout, behaviour);
            MachineMemory memory = with(MachineMemory.class, ram.memory(), (method, arguments) -> {
                boolean shortens = method.equals("copy") && (int) arguments[2] >= 16;
                if (shortens) {
                    ram.memory().copy((long) arguments[0], (long) arguments[1], (int) arguments[2] - 1);
                }
                return shortens ? null : Fault.AS_EVER;
            });
            return with(MachineRam.class, ram, (method, arguments) -> method.equals("memory") ? memory : Fault.AS_EVER);
        }
    }
}
