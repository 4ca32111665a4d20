using System.Text.Json;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Client.Entities;
using Microsoft.DurableTask.Converters;
using Microsoft.DurableTask.Entities;

namespace AiOs.Local.Tests.Abstractions;

public sealed class DurableTypesTests
{
    [Fact]
    public void A_retry_policy_refuses_what_makes_no_sense_and_has_the_documented_defaults()
    {
        var second = TimeSpan.FromSeconds(1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(0, second));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, 0.9));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, maxRetryInterval: TimeSpan.FromMilliseconds(1)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RetryPolicy(1, second, retryTimeout: TimeSpan.FromMilliseconds(1)));

        var policy = new RetryPolicy(3, second, maxRetryInterval: Timeout.InfiniteTimeSpan) { HandleFailure = f => f.IsCausedBy<IOException>() };
        Assert.Equal((3, 1.0, Timeout.InfiniteTimeSpan), (policy.MaxNumberOfAttempts, policy.BackoffCoefficient, policy.RetryTimeout));
        Assert.Equal(TimeSpan.FromHours(1), new RetryPolicy(1, second).MaxRetryInterval);
        Assert.True(new RetryPolicy(1, second).Handle(new InvalidOperationException()));
        Assert.True(policy.Handle(new TaskFailedException("a", 1, new FileNotFoundException("x"))));
        Assert.False(policy.Handle(new TaskFailedException("a", 1, new InvalidOperationException())));
    }

    [Fact]
    public void A_failure_keeps_its_cause_and_knows_its_kind()
    {
        var failure = TaskFailureDetails.FromException(new InvalidOperationException("outer", new JsonException("inner")));

        Assert.Equal("System.InvalidOperationException: outer", failure.ToString());
        Assert.True(failure.IsCausedBy<Exception>());
        Assert.False(failure.IsCausedBy<ArgumentException>());
        Assert.True(failure.InnerFailure!.IsCausedBy<JsonException>());
        Assert.True(TaskFailureDetails.FromException(new OwnException()).IsCausedBy(typeof(OwnException)));
        Assert.False(new TaskFailureDetails("No.Such.Type", "", null, null, null).IsCausedBy<Exception>());
        Assert.Throws<ArgumentException>(() => failure.IsCausedBy(typeof(string)));
        Assert.Equal("Task 'pay' (#7) failed with an unhandled exception: outer", new TaskFailedException("pay", 7, failure).Message);
    }

    [Fact]
    public void Names_are_compared_without_regard_to_case_and_entity_ids_are_lower_case_before_the_key()
    {
        Assert.Equal(new TaskName("Pay"), new TaskName("PAY"));
        Assert.Equal(new TaskName("Pay").GetHashCode(), new TaskName("pAY").GetHashCode());
        Assert.Equal(default, (TaskName)"");
        Assert.Equal(default, new TaskVersion(""));
        Assert.Throws<ArgumentException>(() => new TaskVersion(" "));

        var id = new EntityInstanceId("Counter", "Key@1");
        Assert.Equal("@counter@Key@1", id.ToString());
        Assert.Equal(id, EntityInstanceId.FromString("@COUNTER@Key@1"));
        Assert.Equal(id, JsonSerializer.Deserialize<EntityInstanceId>(JsonSerializer.Serialize(id)));
        Assert.Throws<ArgumentException>(() => new EntityInstanceId("a@b", "k"));
        Assert.Throws<ArgumentException>(() => EntityInstanceId.FromString("counter"));
        Assert.Equal("@counter@Key", new EntityQuery { InstanceIdStartsWith = "Counter@Key" }.InstanceIdStartsWith);
        Assert.Equal("@coun", new EntityQuery { InstanceIdStartsWith = "Coun" }.InstanceIdStartsWith);
    }

    [Fact]
    public void Payloads_have_their_fields_and_null_is_no_text()
    {
        Assert.Equal("""{"Name":"a"}""", JsonDataConverter.Default.Serialize(new WithField { Name = "a" }));
        Assert.Equal("a", JsonDataConverter.Default.Deserialize<WithField>("""{"Name":"a"}""").Name);
        Assert.Null(JsonDataConverter.Default.Serialize(null));
        Assert.Equal(0, JsonDataConverter.Default.Deserialize<int>(null));
    }

    [Fact]
    public void A_registry_takes_each_name_and_version_once()
    {
        var registry = new DurableTaskRegistry()
            .AddOrchestrator<Classy>()
            .AddOrchestratorFunc<string>("in code", (_, input) => { })
            .AddActivityFunc("act", _ => 1)
            .AddActivityFunc<int, int>("act", "v2", (_, i) => Task.FromResult(i))
            .AddEntity<Counter>("counter");

        Assert.Equal(["classy", "in code"], registry.GetOrchestrators().Select(o => o.Key.Name));
        Assert.Equal(["act", "act"], registry.GetActivities().Select(a => a.Key.Name));
        Assert.Contains((new TaskName("CLASSY"), new TaskVersion("7")), registry.OrchestratorsByVersion.Keys);
        Assert.Throws<ArgumentException>(() => registry.AddActivityFunc("ACT", _ => 2));
        Assert.Throws<ArgumentException>(() => registry.AddOrchestrator("x", typeof(string)));
        Assert.Throws<ArgumentException>(() => registry.AddEntity(default, typeof(Counter)));
    }

    [Fact]
    public async Task Pages_follow_each_other_until_there_is_no_further_token()
    {
        var pages = Pageable.Create<int>((token, size, _) => Task.FromResult(token is null ? new Page<int>([1, size ?? 2], "next") : new Page<int>([3])));

        Assert.Equal([1, 2, 3], await pages.ToListAsync());
        Assert.Equal(2, await pages.AsPages().CountAsync());
        Assert.Equal([3], (await pages.AsPages("next").SingleAsync()).Values);
        Assert.Equal(9, (await pages.AsPages(pageSizeHint: 9).FirstAsync()).Values[1]);
    }

    [Fact]
    public async Task An_entity_answers_by_method_name_keeps_its_state_and_can_be_deleted()
    {
        var state = new StateInMemory();
        Assert.Equal(3, await RunAsync("ADD", 3));
        Assert.Equal(8, await RunAsync("addLater", 5));
        Assert.Equal(9, await RunAsync("AddDefault", input: null));
        Assert.Equal("@counter@k 9", await RunAsync("describe", input: null));
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync("add", input: null));
        await Assert.ThrowsAsync<NotSupportedException>(() => RunAsync("nothing", input: null));
        await Assert.ThrowsAsync<DivideByZeroException>(() => RunAsync("break", input: null));
        Assert.Equal(9, state.Value);
        await RunAsync("delete", input: null);
        Assert.False(state.HasState);

        async Task<object?> RunAsync(string name, object? input) => await ((ITaskEntity)new Counter()).RunAsync(new Operation(name, input, state));
    }

    [Fact]
    public void Starts_carry_the_statuses_that_refuse_them()
    {
        var options = new StartOrchestrationOptions("id").WithDedupeStatuses(OrchestrationRuntimeStatus.Running, OrchestrationRuntimeStatus.Pending);

        Assert.Equal(["Running", "Pending"], options.DedupeStatuses!);
        Assert.Equal("child", new TaskOptions(tags: new Dictionary<string, string>(StringComparer.Ordinal)).WithInstanceId("child").InstanceId);
        Assert.Equal("child", new SubOrchestrationOptions((TaskOptions)new SubOrchestrationOptions(instanceId: "child")).InstanceId);
        Assert.True(new ContinueAsNewOptions().PreserveUnprocessedEvents);
        Assert.True(CleanEntityStorageRequest.Default is { RemoveEmptyEntities: true, ReleaseOrphanedLocks: true });
    }

    struct WithField
    {
        public string Name;
    }

    sealed class OwnException : Exception;

    [DurableTask("classy", Version = "7")]
    sealed class Classy : TaskOrchestrator<string, string>
    {
        public override Task<string> RunAsync(TaskOrchestrationContext context, string input) => Task.FromResult(input);
    }

    sealed class Counter : TaskEntity<int>
    {
        public int Add(int amount) => State += amount;

        public async ValueTask<int> AddLater(int amount)
        {
            await Task.Yield();
            return State += amount;
        }

        public Task<int> AddDefault(int amount = 1) => Task.FromResult(State += amount);

        public string Describe(TaskEntityContext context, TaskEntityOperation operation) => $"{context.Id} {operation.State.GetState<int>()}";

        public void Break()
        {
            State = 77;
            throw new DivideByZeroException();
        }
    }

    sealed class StateInMemory : TaskEntityState
    {
        public object? Value { get; private set; }

        public override bool HasState => Value is not null;

        public override object? GetState(Type type) => Value;

        public override void SetState(object? state) => Value = state;
    }

    sealed class Operation(string name, object? input, TaskEntityState state) : TaskEntityOperation
    {
        public override string Name => name;

        public override TaskEntityContext Context { get; } = new EntityContext();

        public override TaskEntityState State => state;

        public override bool HasInput => input is not null;

        public override object? GetInput(Type inputType) => input;
    }

    sealed class EntityContext : TaskEntityContext
    {
        public override EntityInstanceId Id => new("Counter", "k");

        public override void SignalEntity(EntityInstanceId id, string operationName, object? input = null, SignalEntityOptions? options = null) => throw new NotSupportedException();

        public override string ScheduleNewOrchestration(TaskName name, object? input = null, StartOrchestrationOptions? options = null) => throw new NotSupportedException();
    }
}
