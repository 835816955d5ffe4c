/** The SPI and the vocabulary of Grantlab. No behaviour. */
module grantlab.api {
    requires static transitive org.jspecify;

    exports grantlab.api;
    exports grantlab.api.abi;
    exports grantlab.api.grant;
    exports grantlab.api.guest;
    exports grantlab.api.iommu;
    exports grantlab.api.memory;
    exports grantlab.api.paging;
    exports grantlab.api.transport;
}
