/** The conformance kit: clauses, combinations, matrix, scripts, recordings, reports. */
module grantlab.conformance {
    requires transitive grantlab.api;
    requires transitive grantlab.hypervisor;
    requires grantlab.virtio; // devices and drivers, of which clauses are made; transports are found
    requires io.pebbletemplates;
    requires java.compiler; // says what may be a name
    requires java.xml;
    requires org.slf4j; // Pebble logs through it, and has no descriptor to say so
    requires com.fasterxml.jackson.annotation;
    requires tools.jackson.databind;
    requires static org.junit.jupiter.api; // not transitive: who has no JUnit compiles all the same
    requires static transitive org.jspecify;

    exports grantlab.conformance;
    exports grantlab.conformance.call;
    exports grantlab.conformance.fuzz;
    exports grantlab.conformance.junit;
    exports grantlab.conformance.project;
    exports grantlab.conformance.record;
    exports grantlab.conformance.replay;
    exports grantlab.conformance.report;
    exports grantlab.conformance.script;

    opens grantlab.conformance.report to
            tools.jackson.databind;

    uses grantlab.conformance.ClauseFamily;

    provides grantlab.conformance.ClauseFamily with
            grantlab.conformance.clause.Abi3Clauses,
            grantlab.conformance.clause.AbiClauses,
            grantlab.conformance.clause.AddressClauses,
            grantlab.conformance.clause.BatchClauses,
            grantlab.conformance.clause.BoundClauses,
            grantlab.conformance.clause.CoexClauses,
            grantlab.conformance.clause.ConservationClauses,
            grantlab.conformance.clause.Copy3Clauses,
            grantlab.conformance.clause.CopyCallClauses,
            grantlab.conformance.clause.CopyClauses,
            grantlab.conformance.clause.DeathClauses,
            grantlab.conformance.clause.DenyClauses,
            grantlab.conformance.clause.DeviceClauses,
            grantlab.conformance.clause.DmaClauses,
            grantlab.conformance.clause.DownClauses,
            grantlab.conformance.clause.EntryV2Clauses,
            grantlab.conformance.clause.FaultClauses,
            grantlab.conformance.clause.FieldClauses,
            grantlab.conformance.clause.FlatClauses,
            grantlab.conformance.clause.FlushClauses,
            grantlab.conformance.clause.ForeignClauses,
            grantlab.conformance.clause.FrameClauses,
            grantlab.conformance.clause.GfnClauses,
            grantlab.conformance.clause.HandleClauses,
            grantlab.conformance.clause.HypercallClauses,
            grantlab.conformance.clause.HighMemoryClauses,
            grantlab.conformance.clause.IommuClauses,
            grantlab.conformance.clause.KernelClauses,
            grantlab.conformance.clause.LargeClauses,
            grantlab.conformance.clause.MigrationClauses,
            grantlab.conformance.clause.Map3Clauses,
            grantlab.conformance.clause.MapClauses,
            grantlab.conformance.clause.MemoryClauses,
            grantlab.conformance.clause.NodeClauses,
            grantlab.conformance.clause.PairClauses,
            grantlab.conformance.clause.PhysicalMapClauses,
            grantlab.conformance.clause.Pin3Clauses,
            grantlab.conformance.clause.PinClauses,
            grantlab.conformance.clause.PteClauses,
            grantlab.conformance.clause.ProbeClauses,
            grantlab.conformance.clause.QuotaClauses,
            grantlab.conformance.clause.RamClauses,
            grantlab.conformance.clause.RaceClauses,
            grantlab.conformance.clause.ReplaceClauses,
            grantlab.conformance.clause.RequestClauses,
            grantlab.conformance.clause.RingClauses,
            grantlab.conformance.clause.Self3Clauses,
            grantlab.conformance.clause.SearchClauses,
            grantlab.conformance.clause.SecClauses,
            grantlab.conformance.clause.SelfClauses,
            grantlab.conformance.clause.SetupClauses,
            grantlab.conformance.clause.SpaceClauses,
            grantlab.conformance.clause.StatusFrameClauses,
            grantlab.conformance.clause.StatusWordClauses,
            grantlab.conformance.clause.SubPageClauses,
            grantlab.conformance.clause.SwapClauses,
            grantlab.conformance.clause.SyncClauses,
            grantlab.conformance.clause.Tlb3Clauses,
            grantlab.conformance.clause.TlbClauses,
            grantlab.conformance.clause.TransferClauses,
            grantlab.conformance.clause.TransitiveClauses,
            grantlab.conformance.clause.TreeClauses,
            grantlab.conformance.clause.Unm3Clauses,
            grantlab.conformance.clause.RevokeClauses,
            grantlab.conformance.clause.UnmapClauses,
            grantlab.conformance.clause.VersionClauses,
            grantlab.conformance.clause.VersionRaceClauses,
            grantlab.conformance.clause.VirtioClauses,
            grantlab.conformance.clause.VirtualDomidClauses,
            grantlab.conformance.clause.WalkClauses,
            grantlab.conformance.clause.XsaClauses;
}
