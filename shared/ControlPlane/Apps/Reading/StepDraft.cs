using AiOs.DataPlane.Yaml;

namespace AiOs.ControlPlane.Apps.Reading;

/// <summary>A step whose shape is read and whose expressions are still to be checked, with their places.</summary>
sealed record StepDraft(YamlMap At, ManifestStep Step)
{
    public YamlScalar? When { get; init; }

    /// <summary>Fields that exist, but whose kind is wrong and has been complained about.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    public StepShape Shape => Step.Shape with { Unreadable = Unreadable };

    public IReadOnlyList<KeyValuePair<YamlScalar, YamlScalar>> With { get; init; } = [];

    public ReadPolicy? Policy { get; init; }

    public YamlScalar? Model { get; init; }

    public YamlScalar? Call { get; init; }

    public YamlScalar? Undo { get; init; }

    public IReadOnlyList<(YamlScalar? When, YamlScalar Text)> Say { get; init; } = [];
}
