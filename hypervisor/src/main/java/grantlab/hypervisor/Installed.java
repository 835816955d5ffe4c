package grantlab.hypervisor;

import grantlab.api.grant.GrantFormatProvider;
import grantlab.api.iommu.IommuProvider;
import grantlab.api.memory.MemoryProvider;
import grantlab.api.paging.PagingModeProvider;
import grantlab.api.transport.TransportProvider;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.function.Function;

/** What ServiceLoader finds: everything that a configuration may name. Two of one kind with one name are an error. */
public final class Installed {
    private static final String NAME_PATTERN = "[a-z0-9][a-z0-9-]*";

    private final Map<String, GrantFormatProvider> formats;
    private final Map<String, PagingModeProvider> pagingModes;
    private final Map<String, MemoryProvider> memories;
    private final Map<String, IommuProvider> iommus;
    private final Map<String, TransportProvider> transports;

    private Installed(ClassLoader loader) {
        formats = byName("grant format", load(GrantFormatProvider.class, loader), provider -> provider.name());
        pagingModes = byName("paging mode", load(PagingModeProvider.class, loader), provider -> provider.name());
        memories = byName("memory", load(MemoryProvider.class, loader), MemoryProvider::name);
        transports = byName("transport", load(TransportProvider.class, loader), provider -> provider.name());
        iommus = byName("IOMMU", load(IommuProvider.class, loader), provider -> provider.name());
    }

    private Installed(Installed other) {
        formats = new TreeMap<>(other.formats);
        pagingModes = new TreeMap<>(other.pagingModes);
        memories = new TreeMap<>(other.memories);
        iommus = new TreeMap<>(other.iommus);
        transports = new TreeMap<>(other.transports);
    }

    /**
     * Looks at what is there now.
     *
     * @return providers by name
     */
    public static Installed find() {
        ClassLoader context = Thread.currentThread().getContextClassLoader();
        return new Installed(context != null ? context : Installed.class.getClassLoader());
    }

    private static <S> List<S> load(Class<S> service, ClassLoader loader) {
        Installed.class.getModule().addUses(service);
        try {
            return ServiceLoader.load(service, loader).stream()
                    .map(ServiceLoader.Provider::get)
                    .toList();
        } catch (ServiceConfigurationError e) {
            throw new ConfigurationException(
                    "an installed " + service.getSimpleName() + " is broken: " + e.getMessage());
        }
    }

    private static <S> Map<String, S> byName(String kind, List<S> providers, Function<S, String> name) {
        Map<String, S> byName = new TreeMap<>();
        for (S provider : providers) {
            String called = name.apply(provider);
            if (!called.matches(NAME_PATTERN)) {
                throw new ConfigurationException("a " + kind + " calls itself '" + called
                        + "': lower case letters, digits and dashes are allowed ("
                        + provider.getClass().getName() + ")");
            }
            S other = byName.put(called, provider);
            if (other != null) {
                throw new ConfigurationException("two installed " + kind + "s are called '" + called + "': "
                        + other.getClass().getName() + " and "
                        + provider.getClass().getName());
            }
        }
        return byName;
    }

    /**
     * The same with a grant format of its own: whoever has the same name is not there.
     *
     * @param provider takes that one's place
     * @return another object; this one stays as it is
     */
    public Installed with(GrantFormatProvider provider) {
        Installed other = new Installed(this);
        other.formats.put(provider.name(), provider);
        return other;
    }

    /**
     * The same with a paging mode of its own: whoever has the same name is not there.
     *
     * @param provider takes that one's place
     * @return another object; this one stays as it is
     */
    public Installed with(PagingModeProvider provider) {
        Installed other = new Installed(this);
        other.pagingModes.put(provider.name(), provider);
        return other;
    }

    /**
     * The same with a kind of memory of its own: whoever has the same name is not there.
     *
     * @param provider takes that one's place
     * @return another object; this one stays as it is
     */
    public Installed with(MemoryProvider provider) {
        Installed other = new Installed(this);
        other.memories.put(provider.name(), provider);
        return other;
    }

    /**
     * The same with a kind of IOMMU of its own: whoever has the same name is not there.
     *
     * @param provider takes that one's place
     * @return another object; this one stays as it is
     */
    public Installed with(IommuProvider provider) {
        Installed other = new Installed(this);
        other.iommus.put(provider.name(), provider);
        return other;
    }

    /**
     * Grant formats, by name.
     *
     * @return an immutable list
     */
    public List<GrantFormatProvider> formats() {
        return List.copyOf(formats.values());
    }

    /**
     * Paging modes, by name.
     *
     * @return an immutable list
     */
    public List<PagingModeProvider> pagingModes() {
        return List.copyOf(pagingModes.values());
    }

    /**
     * Kinds of memory, by name.
     *
     * @return an immutable list
     */
    public List<MemoryProvider> memories() {
        return List.copyOf(memories.values());
    }

    /**
     * Kinds of IOMMU, by name.
     *
     * @return an immutable list
     */
    public List<IommuProvider> iommus() {
        return List.copyOf(iommus.values());
    }

    /**
     * Virtio transports, by name.
     *
     * @return an immutable list
     */
    public List<TransportProvider> transports() {
        return List.copyOf(transports.values());
    }

    /**
     * A grant format.
     *
     * @param name of it
     * @return its provider; an unknown name is an error that lists what exists
     */
    public GrantFormatProvider format(String name) {
        return named("grant-format", formats, name);
    }

    /**
     * A paging mode.
     *
     * @param name of it
     * @return its provider; an unknown name is an error that lists what exists
     */
    public PagingModeProvider pagingMode(String name) {
        return named("paging", pagingModes, name);
    }

    /**
     * A kind of memory.
     *
     * @param name of it
     * @return its provider; an unknown name is an error that lists what exists
     */
    public MemoryProvider memory(String name) {
        return named("memory", memories, name);
    }

    /**
     * A kind of IOMMU.
     *
     * @param name of it
     * @return its provider; an unknown name is an error that lists what exists, {@link Iommus#STRICT} included
     */
    public IommuProvider iommu(String name) {
        IommuProvider provider = iommus.get(name);
        if (provider == null) {
            List<String> known = new ArrayList<>(iommus.keySet());
            known.add(Iommus.STRICT);
            throw unknown("iommu", name, known);
        }
        return provider;
    }

    /**
     * A virtio transport.
     *
     * @param name of it
     * @return its provider; an unknown name is an error that lists what exists
     */
    public TransportProvider transport(String name) {
        return named("transport", transports, name);
    }

    private static <S> S named(String key, Map<String, S> byName, String name) {
        S provider = byName.get(name);
        if (provider == null) {
            throw unknown(key, name, byName.keySet());
        }
        return provider;
    }

    static ConfigurationException unknown(String key, String name, Collection<String> known) {
        return new ConfigurationException(key + " = " + name + " is not known; "
                + (known.isEmpty() ? "nothing of this kind is installed" : "there is: " + String.join(", ", known)));
    }
}
