package grantlab.cli;

import grantlab.hypervisor.ConfigurationException;
import java.io.IOException;
import java.lang.module.Configuration;
import java.lang.module.FindException;
import java.lang.module.ModuleFinder;
import java.lang.module.ResolutionException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Jars that are found at run time beside the installed ones. The engine and the kit look for services with the context
 * class loader: it is what changes here.
 */
final class Plugins {
    private static final Path USUAL_DIRECTORY = Path.of("plugins");

    private Plugins() {}

    static void load(@Nullable Path wanted) throws IOException {
        if (wanted == null && !Files.isDirectory(USUAL_DIRECTORY)) {
            return;
        }
        Path directory = wanted == null ? USUAL_DIRECTORY : wanted;
        if (!Files.isDirectory(directory)) {
            throw new NotDirectoryException(directory.toString());
        }
        ModuleLayer ours = Plugins.class.getModule().getLayer();
        ClassLoader parent = Plugins.class.getClassLoader();
        ClassLoader loader = ours == null ? onClassPath(directory, parent) : onModulePath(directory, ours, parent);
        Thread.currentThread().setContextClassLoader(loader);
    }

    private static ClassLoader onModulePath(Path directory, ModuleLayer ours, ClassLoader parent) {
        try {
            ModuleFinder finder = ModuleFinder.of(directory);
            Set<String> names = finder.findAll().stream()
                    .map(module -> module.descriptor().name())
                    .collect(Collectors.toSet());
            // What is on the module path already is not loaded again.
            Configuration configuration = ours.configuration().resolveAndBind(ModuleFinder.of(), finder, names);
            ModuleLayer layer = ours.defineModulesWithOneLoader(configuration, parent);
            return layer.modules().stream()
                    .findFirst()
                    .map(Module::getClassLoader)
                    .orElse(parent);
        } catch (FindException | ResolutionException | LayerInstantiationException e) {
            throw new ConfigurationException("plugins in " + directory + " cannot be loaded: " + e.getMessage());
        }
    }

    private static ClassLoader onClassPath(Path directory, ClassLoader parent) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            URL[] jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .map(Plugins::url)
                    .toArray(URL[]::new);
            return new URLClassLoader(jars, parent);
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (IOException e) {
            throw new ConfigurationException("plugin " + jar + " cannot be named: " + e.getMessage());
        }
    }
}
