package io.sluice.vendor.customerio;

import io.sluice.reconcile.OutcomeResolver;

/** The resolver of broadcast triggers whose outcome is unknown. */
interface BroadcastResolver extends OutcomeResolver {}
