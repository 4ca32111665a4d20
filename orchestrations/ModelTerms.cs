using AiOs.Serving.Gateway;

namespace AiOs.Orchestrations;

/// <summary>On which terms a step asks a model.</summary>
static class ModelTerms
{
    extension(StepCall call)
    {
        /// <summary>For its run's app and principal; a conversation keeps its deployment.</summary>
        public CallTerms Terms => new(call.Start.App, call.Start.PrincipalId) { RunId = call.Start.RunId, Step = call.Step, Sticky = call.Start.ConversationId ?? call.Start.RunId };
    }
}
