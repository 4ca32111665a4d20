using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.DurableTask.Entities;

namespace Microsoft.DurableTask.Client.Entities;

/// <summary>What is known of one entity, with its state.</summary>
[JsonConverter(typeof(EntityMetadataConverter))]
public class EntityMetadata<TState>
{
    readonly TState? state;

    /// <summary>Without state.</summary>
    public EntityMetadata(EntityInstanceId id) => Id = id != default ? id : throw new ArgumentException("An entity needs an id.", nameof(id));

    /// <summary>With state, unless it is null.</summary>
    public EntityMetadata(EntityInstanceId id, TState? state)
        : this(id)
    {
        this.state = state;
        IncludesState = state is not null;
    }

    /// <summary>Which.</summary>
    public EntityInstanceId Id { get; }

    /// <summary>When it last changed.</summary>
    public DateTimeOffset LastModifiedTime { get; init; }

    /// <summary>Operations that wait.</summary>
    public int BacklogQueueSize { get; init; }

    /// <summary>The orchestration that holds its lock.</summary>
    public string? LockedBy { get; init; }

    /// <summary>Whether the state came along.</summary>
    [MemberNotNullWhen(true, nameof(State))]
    [MemberNotNullWhen(true, nameof(state))]
    public bool IncludesState { get; }

    /// <summary>The state.</summary>
    /// <exception cref="InvalidOperationException">It did not come along.</exception>
    public TState State => IncludesState ? state : throw new InvalidOperationException("The entity was read without its state, or has none.");
}

/// <summary>What is known of one entity, with its state as stored.</summary>
[JsonConverter(typeof(EntityMetadataConverter))]
public sealed class EntityMetadata : EntityMetadata<SerializedData>
{
    /// <summary>With state, unless it is null.</summary>
    public EntityMetadata(EntityInstanceId id, SerializedData? state = null)
        : base(id, state)
    {
    }
}

sealed class EntityMetadataConverter : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => StateOf(typeToConvert) is not null;

    public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(Of<,>).MakeGenericType(typeToConvert, StateOf(typeToConvert)!))!;

    static Type? StateOf(Type type) =>
        type == typeof(EntityMetadata) ? typeof(SerializedData)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EntityMetadata<>) ? type.GetGenericArguments()[0]
        : null;

    sealed class Of<TMetadata, TState> : JsonConverter<TMetadata>
        where TMetadata : EntityMetadata<TState>
    {
        public override TMetadata Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            throw new NotSupportedException("Entity metadata is only written.");

        public override void Write(Utf8JsonWriter writer, TMetadata value, JsonSerializerOptions options)
        {
            writer.WriteStartObject();
            writer.WriteString(Named("Id"), value.Id.ToString());
            writer.WriteString(Named("LastModifiedTime"), value.LastModifiedTime);
            if (value.BacklogQueueSize > 0)
                writer.WriteNumber(Named("BacklogQueueSize"), value.BacklogQueueSize);
            if (value.LockedBy is not null)
                writer.WriteString(Named("LockedBy"), value.LockedBy);
            if (value is { IncludesState: true, State: SerializedData stored })
                writer.WriteString(Named("State"), stored.Value);
            else if (value.IncludesState)
            {
                writer.WritePropertyName(Named("State"));
                JsonSerializer.Serialize(writer, value.State, options);
            }
            writer.WriteEndObject();

            string Named(string name) => options.PropertyNamingPolicy?.ConvertName(name) ?? name;
        }
    }
}
