/** The engine: domains, hypercalls, operations and private state, over implementations found at run time. */
module grantlab.hypervisor {
    requires transitive grantlab.api;
    requires transitive typesafe.config;
    requires com.google.guice;
    requires transitive jakarta.inject;
    requires org.apache.logging.log4j;
    requires static org.jspecify;

    exports grantlab.hypervisor;
    exports grantlab.hypervisor.domain;
    exports grantlab.hypervisor.guest;
    exports grantlab.hypervisor.image;
    exports grantlab.hypervisor.invariant;
    exports grantlab.hypervisor.passthrough;

    uses grantlab.api.grant.GrantFormatProvider;
    uses grantlab.api.iommu.IommuProvider;
    uses grantlab.api.memory.MemoryProvider;
    uses grantlab.api.paging.PagingModeProvider;

    opens grantlab.hypervisor to
            com.google.guice;
    opens grantlab.hypervisor.hypercall to
            com.google.guice;
    opens grantlab.hypervisor.domain to
            com.google.guice;
    opens grantlab.hypervisor.lifecycle to
            com.google.guice;
    opens grantlab.hypervisor.image to
            com.google.guice;
    opens grantlab.hypervisor.notification to
            com.google.guice;
    opens grantlab.hypervisor.operation to
            com.google.guice;
    opens grantlab.hypervisor.revocation to
            com.google.guice;
    opens grantlab.hypervisor.operation.tree to
            com.google.guice;
}
