package grantlab.hypervisor.operation.tree;

import grantlab.api.Errno;
import grantlab.api.Status;
import grantlab.api.abi.V3TreeCreate;
import grantlab.hypervisor.domain.Domain;
import grantlab.hypervisor.domain.Domains;
import grantlab.hypervisor.notification.Notices;
import grantlab.hypervisor.notification.Outbox;
import grantlab.hypervisor.quiescence.Quiescence;
import grantlab.hypervisor.tree.Binding;
import grantlab.hypervisor.tree.Share;
import grantlab.hypervisor.tree.Tree;
import grantlab.hypervisor.vdomid.VirtualDomids;
import grantlab.hypervisor.wiring.MachineScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Who stands behind the peers of trees (grant-v3.md, section 11): the domain of a number, or whoever the toolstack bound to a
 * virtual one. Whenever that changes the tree is unbound first; then maps that had found it are waited for; only then what is
 * in use is judged or dropped, and only then another may come. Changes exclude each other; callers are outside of every section.
 */
@MachineScoped
public final class Bindings {
    private final Domains domains;
    private final Quiescence quiescence;
    private final MappingDrop mappings;
    private final Notices notices;
    private final Outbox outbox = new Outbox();

    @Inject
    Bindings(Domains domains, Quiescence quiescence, MappingDrop mappings, Notices notices) {
        this.domains = domains;
        this.quiescence = quiescence;
        this.mappings = mappings;
        this.notices = notices;
    }

    /** A tree comes into being; whom it grants to does not change before it is there. @return a status */
    synchronized int begin(Domain granter, int peer, boolean paused, ToIntFunction<Binding> creation) {
        Binding binding = VirtualDomids.isVirtual(peer)
                ? behind(granter, granter.virtualDomids().find(peer), paused)
                : real(granter, peer, paused);
        return binding == null ? Status.BAD_DOMAIN : creation.applyAsInt(binding);
    }

    private @Nullable Binding real(Domain granter, int domid, boolean paused) {
        Domain grantee = living(domid);
        return grantee == null
                ? null
                : new Binding(domid, 0, true, paused, grantee.books().share(granter.domid()));
    }

    private Binding behind(Domain granter, VirtualDomids.Bound bound, boolean paused) {
        Domain grantee = living(bound.real());
        return grantee == null
                ? new Binding(Binding.NOBODY, bound.epoch(), false, paused, Share.NONE)
                : new Binding(
                        bound.real(),
                        bound.epoch(),
                        true,
                        paused,
                        grantee.books().share(granter.domid()));
    }

    private @Nullable Domain living(int domid) {
        Domain domain = domains.find(domid);
        return domain == null || domain.dying() ? null : domain;
    }

    /**
     * Binds a virtual domid, or unbinds it.
     *
     * @param owner whose it is
     * @param virtual a virtual domid
     * @param real a domid, or {@link VirtualDomids#NOBODY}
     * @param autoResume whether its trees go on without the granter's word
     * @param force whether mappings of the domain that it stood for are dropped
     * @return zero, or a negated errno and nothing changed
     */
    synchronized int bind(Domain owner, int virtual, int real, boolean autoResume, boolean force) {
        int result = change(owner, virtual, real, autoResume, force);
        outbox.deliver();
        return result;
    }

    private int change(Domain owner, int virtual, int real, boolean autoResume, boolean force) {
        boolean unbinds = real == VirtualDomids.NOBODY;
        Domain grantee = living(real);
        if (owner.dying() || (grantee == null && !unbinds)) {
            return -Errno.ESRCH;
        }
        VirtualDomids.Bound before = owner.virtualDomids().find(virtual);
        List<Tree> trees = treesOf(owner, virtual);
        if (!takeFrom(before.real(), trees, force, before.real() == real)) {
            return -Errno.EBUSY;
        }
        if (grantee == null) {
            owner.virtualDomids().set(virtual, before.ended());
            if (before.real() != VirtualDomids.NOBODY) {
                trees.forEach(tree -> notices.granteeDead(outbox, tree, before.epoch()));
            }
            return 0;
        }
        VirtualDomids.Bound next = before.next(real, autoResume);
        owner.virtualDomids().set(virtual, next);
        trees.forEach(tree -> give(tree, grantee, next));
        return 0;
    }

    private static List<Tree> treesOf(Domain owner, int virtual) {
        return owner.trees().all().stream()
                .filter(tree -> tree.terms().peer() == virtual)
                .toList();
    }

    /** The domain that the trees grant to has them no more. @return false: it uses them, and keeps them */
    private boolean takeFrom(int grantee, List<Tree> trees, boolean force, boolean keeps) {
        trees.forEach(tree -> setBound(tree, false));
        quiescence.recall();
        Domain user = domains.find(grantee);
        if (user != null && force) {
            mappings.drop(user, trees, outbox);
        } else if (!keeps && trees.stream().anyMatch(tree -> tree.active() != 0)) {
            trees.forEach(tree -> setBound(tree, true));
            return false;
        }
        return true;
    }

    private static void setBound(Tree tree, boolean bound) {
        synchronized (tree) {
            tree.bind(tree.binding().withBound(bound));
        }
    }

    private void give(Tree tree, Domain grantee, VirtualDomids.Bound bound) {
        boolean goesOn = bound.autoResume() || tree.has(V3TreeCreate.AUTO_RESUME);
        synchronized (tree) {
            boolean paused = tree.binding().paused() || !goesOn;
            Share share = grantee.books().share(tree.granter());
            tree.bind(new Binding(grantee.domid(), bound.epoch(), true, paused, share));
        }
        notices.rebound(outbox, tree, bound.epoch());
    }

    /**
     * A domain dies: its mappings end, nobody stands behind the numbers that stood for it, and those that it granted to hear of
     * it. Its vCPUs run no more.
     *
     * @param dead the domain
     * @param release what ends its mappings; it leaves in the outbox what is to be told
     */
    public synchronized void bury(Domain dead, Consumer<Outbox> release) {
        List<Tree> granted = grantedTo(dead);
        List<Tree> used =
                granted.stream().filter(tree -> tree.binding().bound()).toList();
        granted.forEach(tree -> setBound(tree, false));
        release.accept(outbox);
        domains.all().forEach(domain -> domain.virtualDomids().end(dead.domid()));
        granted.forEach(Bindings::orphan);
        used.forEach(tree -> notices.granteeDead(outbox, tree, tree.binding().epoch()));
        notices.granterDead(outbox, dead);
        outbox.deliver();
    }

    private List<Tree> grantedTo(Domain grantee) {
        List<Tree> granted = new ArrayList<>();
        for (Domain granter : domains.all()) {
            for (Tree tree : granter.trees().all()) {
                if (tree.binding().grantee() == grantee.domid()) {
                    granted.add(tree);
                }
            }
        }
        return granted;
    }

    private static void orphan(Tree tree) {
        synchronized (tree) {
            tree.bind(tree.binding().orphaned());
        }
    }
}
