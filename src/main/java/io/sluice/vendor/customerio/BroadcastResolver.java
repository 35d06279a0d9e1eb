package io.sluice.vendor.customerio;

import io.sluice.vendor.OutcomeResolver;

/** Settles what became of triggers of broadcasts. */
interface BroadcastResolver extends OutcomeResolver {}
