package grantlab.virtio.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A form that a queue can have: what was negotiated, and its size. */
record Form(long features, int size) {
    static final long[] CHOICES = {Feature.RING_PACKED, Feature.INDIRECT_DESC, Feature.EVENT_IDX, Feature.IN_ORDER};

    /** All sixteen. */
    static Stream<Form> all(int size) {
        List<Form> forms = new ArrayList<>();
        for (int choice = 0; choice < 1 << CHOICES.length; choice++) {
            long features = Feature.MANDATORY;
            for (int n = 0; n < CHOICES.length; n++) {
                features |= (choice >> n & 1) != 0 ? CHOICES[n] : 0;
            }
            forms.add(new Form(features, size));
        }
        return forms.stream();
    }

    boolean has(long feature) {
        return Feature.has(features, feature);
    }

    boolean packed() {
        return has(Feature.RING_PACKED);
    }

    @Override
    public String toString() {
        return (packed() ? "packed" : "split")
                + (has(Feature.INDIRECT_DESC) ? "+indirect" : "")
                + (has(Feature.EVENT_IDX) ? "+event-idx" : "")
                + (has(Feature.IN_ORDER) ? "+in-order" : "")
                + " of " + size;
    }
}
