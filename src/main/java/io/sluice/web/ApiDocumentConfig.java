package io.sluice.web;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** {@code sluice.api-document.*}: access to the OpenAPI document. */
@ConfigMapping(prefix = "sluice.api-document")
public interface ApiDocumentConfig {
    /** True if the document needs no key and its UI is served; false if it needs a team's key and there is no UI. */
    @WithDefault("false")
    boolean open();
}
