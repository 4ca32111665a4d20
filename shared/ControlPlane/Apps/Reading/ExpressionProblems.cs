using AiOs.DataPlane.Yaml;
using AiOs.Policies.Cel;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>Problems inside the expressions of a manifest.</summary>
static class ExpressionProblems
{
    extension(Problems problems)
    {
        /// <summary>A problem inside an expression: its place is counted from the start of the scalar where that stands on one line.</summary>
        public void Add(YamlScalar at, CelException wrong, string prefix = "") =>
            problems.Add(at.Line, at.Inside > 0 ? at.Inside + wrong.Position : at.Column, prefix + wrong.Message, wrong.Suggestion);
    }
}
