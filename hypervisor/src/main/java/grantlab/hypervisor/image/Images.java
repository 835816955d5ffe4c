package grantlab.hypervisor.image;

import grantlab.api.Ground;
import grantlab.api.memory.FrameTable;
import grantlab.api.memory.MachineMemory;
import grantlab.hypervisor.ConfigurationException;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.DomainConfig;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.lifecycle.Creation;
import grantlab.hypervisor.lifecycle.Destruction;
import grantlab.hypervisor.operation.tree.TreeFormats;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** Saves domains to files and makes them again; the toolstack's part of migration. Off the hot path, by one thread at a time. */
@MachineScoped
public final class Images {
    private final MachineMemory memory;
    private final FrameTable frames;
    private final Domains domains;
    private final Creation creation;
    private final Destruction destruction;
    private final TreeFormats formats;

    @Inject
    Images(Ground ground, Domains domains, Creation creation, Destruction destruction, TreeFormats formats) {
        this.memory = ground.memory();
        this.frames = ground.frames();
        this.domains = domains;
        this.creation = creation;
        this.destruction = destruction;
        this.formats = formats;
    }

    /**
     * Saves.
     *
     * @param domain whose vCPUs do not run; it stays as it is
     * @param path of the image, which appears whole or not at all
     * @throws ImageException when this domain cannot be saved
     */
    public void save(Domain domain, Path path) {
        new DomainSaver(memory, domain).save(path);
    }

    /**
     * Restores.
     *
     * @param path of an image
     * @param domid a free number
     * @throws ImageException when the image is cut, changed, of another version or does not fit this machine; there is no such
     *     domain then
     */
    public void restore(Path path, int domid) {
        try {
            new ImageFile(path).read(in -> {
                restore(in, domid);
                return domid;
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void restore(DataInputStream in, int domid) throws IOException {
        DomainConfig config = DomainRestorer.config(in, domid);
        int created = create(config);
        if (created != 0) {
            throw DomainRestorer.refused(created);
        }
        Domain domain = domains.find(domid);
        if (domain == null) {
            throw new IllegalStateException("domain " + domid + " was created and is not there");
        }
        fill(domain, in);
    }

    private int create(DomainConfig config) {
        try {
            return creation.create(config, null);
        } catch (ConfigurationException e) {
            throw new ImageException("the image is of another kind of machine: " + e.getMessage());
        }
    }

    /** A domain that cannot be made whole is not left behind in part. */
    private void fill(Domain domain, DataInputStream in) throws IOException {
        boolean whole = false;
        try {
            new DomainRestorer(memory, frames, domains, domain, formats.installed() ? formats.chosen() : null)
                    .restore(in);
            whole = true;
        } finally {
            if (!whole) {
                destruction.destroy(domain);
            }
        }
    }
}
