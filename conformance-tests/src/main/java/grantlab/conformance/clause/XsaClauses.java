package grantlab.conformance.clause;

import grantlab.conformance.Clause;
import grantlab.conformance.ClauseFamily;
import grantlab.conformance.OutOfScope;
import grantlab.conformance.World;
import java.util.List;

/**
 * Xen's security advisories about grant tables and what they are built on, each as the attack, carried out, and that nothing is gained by
 * it (xen-semantics.md, 8.1 and 8.2; the texts stand at xenbits.xen.org/xsa). The clauses stand in parts by what is attacked; here are
 * those that cannot be carried out, each with its reason.
 */
public final class XsaClauses implements ClauseFamily {
    /** For ServiceLoader. */
    public XsaClauses() {}

    @Override
    public String prefix() {
        return "XSA";
    }

    @Override
    public String title() {
        return "Security advisories";
    }

    @Override
    public List<Object> parts() {
        return List.of(
                new XsaMapping(),
                new XsaCopy(),
                new XsaTable(),
                new XsaVersion(),
                new XsaTransfer(),
                new XsaPhysmap(),
                new XsaFrames());
    }

    @OutOfScope("32-bit guests are not modelled")
    @Clause(
            id = "XSA-24",
            promise = "A successful GNTTABOP_get_status_frames of a 32-bit guest returns.",
            source = "XSA-24, CVE-2012-4539")
    void compatLoop(World world) {}

    @OutOfScope("a lock without a barrier is one of Arm; whoever may run at once is checked by jcstress and the races")
    @Clause(
            id = "XSA-314",
            promise = "What is done under a lock is seen by the next one who has it.",
            source = "XSA-314, CVE-2020-11739")
    void barrierOfUnlock(World world) {}

    @OutOfScope("it mends the fix to XSA-379 in Xen 4.13 and older, which this is not: see XSA-379")
    @Clause(
            id = "XSA-387",
            promise = "A status frame that was placed twice is found at both places.",
            source = "XSA-387, CVE-2021-28703")
    void statusFrameTwiceAgain(World world) {}

    @OutOfScope("nothing is executed speculatively here")
    @Clause(id = "XSA-453", promise = "No lock is passed by speculation.", source = "XSA-453, CVE-2024-2193")
    void speculation(World world) {}

    @OutOfScope(
            "references of foreign pages are another matter on Arm; mappings by privilege of a PV domain are in clauses MEM")
    @Clause(
            id = "XSA-473",
            promise = "A foreign page that an Arm guest has mapped holds a reference.",
            source = "XSA-473, CVE-2025-58144")
    void foreignPagesOfArm(World world) {}

    @OutOfScope("an x86 guest cleans and invalidates by XSA-232 and XSA-520; what the advisory is about is Arm's code")
    @Clause(
            id = "XSA-519",
            promise = "GNTTABOP_cache_flush of an Arm guest checks what it flushes.",
            source = "XSA-519, CVE-2026-102699, CVE-2026-102702")
    void cacheFlushOfArm(World world) {}

    @OutOfScope(
            "the update of an IOMMU fails here when 2^31 mappings of one page are alive, more than a clause can make;"
                    + " DeviceEntryRefusedTest has it fail and finds nothing left")
    @Clause(
            id = "XSA-291",
            promise = "A page whose IOMMU entry cannot be changed does not keep the type that it was getting.",
            source = "XSA-291, CVE-2019-17344")
    void typeOfFailedUpdate(World world) {}
}
