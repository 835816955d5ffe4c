package grantlab.conformance.fuzz.kind;

import grantlab.conformance.fuzz.Actor;
import grantlab.conformance.fuzz.Grove;
import grantlab.conformance.fuzz.Phrase;
import grantlab.conformance.fuzz.Scene;
import java.util.List;

/** {@code v3_unmap} of half of what is mapped, so that there is room for more. */
public final class UndoLeaves implements Kind {
    /** Nothing to configure. */
    public UndoLeaves() {}

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void write(Scene scene) {
        List<Grove.Lease> all = scene.grove().everyLease();
        for (int n = 0; n < all.size(); n += 2) {
            Grove.Lease lease = all.get(n);
            Actor grantee = scene.actor(lease.grantee());
            if (grantee != null && grantee.running()) {
                scene.draft()
                        .operation(new Phrase(lease.grantee(), "v3_unmap")
                                .with("handle", "v" + lease.variable())
                                .with("count", lease.count()));
            }
            scene.released(lease);
        }
    }
}
