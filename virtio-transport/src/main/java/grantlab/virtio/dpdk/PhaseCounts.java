package grantlab.virtio.dpdk;

/**
 * What became of the packets of one phase.
 *
 * @param phase what was done meanwhile
 * @param sent packets
 * @param returned those that came back unchanged
 * @param revoked pages that were taken back, each with a packet in it or about to be written into it
 * @param lost packets that did not come back
 * @param lostElsewhere packets that did not come back and were in no page that was taken back
 * @param damaged packets that came back as something that was never sent
 * @param touched bytes that changed in pages after they had been taken back
 */
public record PhaseCounts(
        String phase,
        long sent,
        long returned,
        long revoked,
        long lost,
        long lostElsewhere,
        long damaged,
        long touched) {
    /** Whether only packets in pages that were taken back were lost, and nobody wrote there any more. */
    public boolean asPromised() {
        return lostElsewhere == 0 && damaged == 0 && touched == 0;
    }
}
