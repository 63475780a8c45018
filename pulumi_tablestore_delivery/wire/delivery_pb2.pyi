from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Iterable as _Iterable, Mapping as _Mapping, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Error(_message.Message):
    __slots__ = ("code", "message", "access_denied_detail")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    ACCESS_DENIED_DETAIL_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    access_denied_detail: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ..., access_denied_detail: _Optional[str] = ...) -> None: ...

class EventColumn(_message.Message):
    __slots__ = ("columnName", "timeFormat")
    COLUMNNAME_FIELD_NUMBER: _ClassVar[int]
    TIMEFORMAT_FIELD_NUMBER: _ClassVar[int]
    columnName: str
    timeFormat: int
    def __init__(self, columnName: _Optional[str] = ..., timeFormat: _Optional[int] = ...) -> None: ...

class ParquetSchema(_message.Message):
    __slots__ = ("columnName", "ossColumnName", "type", "encode", "typeExtend")
    COLUMNNAME_FIELD_NUMBER: _ClassVar[int]
    OSSCOLUMNNAME_FIELD_NUMBER: _ClassVar[int]
    TYPE_FIELD_NUMBER: _ClassVar[int]
    ENCODE_FIELD_NUMBER: _ClassVar[int]
    TYPEEXTEND_FIELD_NUMBER: _ClassVar[int]
    columnName: str
    ossColumnName: str
    type: int
    encode: int
    typeExtend: str
    def __init__(self, columnName: _Optional[str] = ..., ossColumnName: _Optional[str] = ..., type: _Optional[int] = ..., encode: _Optional[int] = ..., typeExtend: _Optional[str] = ...) -> None: ...

class OSSTaskConfig(_message.Message):
    __slots__ = ("ossPrefix", "formatter", "ossDirtyPrefix", "ossBucket", "ossEndpoint", "ossStsRole", "eventTimeColumn", "format", "schema")
    OSSPREFIX_FIELD_NUMBER: _ClassVar[int]
    FORMATTER_FIELD_NUMBER: _ClassVar[int]
    OSSDIRTYPREFIX_FIELD_NUMBER: _ClassVar[int]
    OSSBUCKET_FIELD_NUMBER: _ClassVar[int]
    OSSENDPOINT_FIELD_NUMBER: _ClassVar[int]
    OSSSTSROLE_FIELD_NUMBER: _ClassVar[int]
    EVENTTIMECOLUMN_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    SCHEMA_FIELD_NUMBER: _ClassVar[int]
    ossPrefix: str
    formatter: int
    ossDirtyPrefix: str
    ossBucket: str
    ossEndpoint: str
    ossStsRole: str
    eventTimeColumn: EventColumn
    format: int
    schema: _containers.RepeatedCompositeFieldContainer[ParquetSchema]
    def __init__(self, ossPrefix: _Optional[str] = ..., formatter: _Optional[int] = ..., ossDirtyPrefix: _Optional[str] = ..., ossBucket: _Optional[str] = ..., ossEndpoint: _Optional[str] = ..., ossStsRole: _Optional[str] = ..., eventTimeColumn: _Optional[_Union[EventColumn, _Mapping]] = ..., format: _Optional[int] = ..., schema: _Optional[_Iterable[_Union[ParquetSchema, _Mapping]]] = ...) -> None: ...

class TaskSyncStat(_message.Message):
    __slots__ = ("task_sync_phase", "current_sync_timestamp", "error_code", "detail")
    TASK_SYNC_PHASE_FIELD_NUMBER: _ClassVar[int]
    CURRENT_SYNC_TIMESTAMP_FIELD_NUMBER: _ClassVar[int]
    ERROR_CODE_FIELD_NUMBER: _ClassVar[int]
    DETAIL_FIELD_NUMBER: _ClassVar[int]
    task_sync_phase: int
    current_sync_timestamp: int
    error_code: int
    detail: str
    def __init__(self, task_sync_phase: _Optional[int] = ..., current_sync_timestamp: _Optional[int] = ..., error_code: _Optional[int] = ..., detail: _Optional[str] = ...) -> None: ...

class DeliveryTaskInfo(_message.Message):
    __slots__ = ("tableName", "taskName", "taskType")
    TABLENAME_FIELD_NUMBER: _ClassVar[int]
    TASKNAME_FIELD_NUMBER: _ClassVar[int]
    TASKTYPE_FIELD_NUMBER: _ClassVar[int]
    tableName: str
    taskName: str
    taskType: int
    def __init__(self, tableName: _Optional[str] = ..., taskName: _Optional[str] = ..., taskType: _Optional[int] = ...) -> None: ...

class CreateDeliveryTaskRequest(_message.Message):
    __slots__ = ("tableName", "taskName", "taskConfig", "taskType")
    TABLENAME_FIELD_NUMBER: _ClassVar[int]
    TASKNAME_FIELD_NUMBER: _ClassVar[int]
    TASKCONFIG_FIELD_NUMBER: _ClassVar[int]
    TASKTYPE_FIELD_NUMBER: _ClassVar[int]
    tableName: str
    taskName: str
    taskConfig: OSSTaskConfig
    taskType: int
    def __init__(self, tableName: _Optional[str] = ..., taskName: _Optional[str] = ..., taskConfig: _Optional[_Union[OSSTaskConfig, _Mapping]] = ..., taskType: _Optional[int] = ...) -> None: ...

class CreateDeliveryTaskResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DeleteDeliveryTaskRequest(_message.Message):
    __slots__ = ("tableName", "taskName")
    TABLENAME_FIELD_NUMBER: _ClassVar[int]
    TASKNAME_FIELD_NUMBER: _ClassVar[int]
    tableName: str
    taskName: str
    def __init__(self, tableName: _Optional[str] = ..., taskName: _Optional[str] = ...) -> None: ...

class DeleteDeliveryTaskResponse(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class DescribeDeliveryTaskRequest(_message.Message):
    __slots__ = ("tableName", "taskName")
    TABLENAME_FIELD_NUMBER: _ClassVar[int]
    TASKNAME_FIELD_NUMBER: _ClassVar[int]
    tableName: str
    taskName: str
    def __init__(self, tableName: _Optional[str] = ..., taskName: _Optional[str] = ...) -> None: ...

class DescribeDeliveryTaskResponse(_message.Message):
    __slots__ = ("taskConfig", "task_sync_stat", "taskType")
    TASKCONFIG_FIELD_NUMBER: _ClassVar[int]
    TASK_SYNC_STAT_FIELD_NUMBER: _ClassVar[int]
    TASKTYPE_FIELD_NUMBER: _ClassVar[int]
    taskConfig: OSSTaskConfig
    task_sync_stat: TaskSyncStat
    taskType: int
    def __init__(self, taskConfig: _Optional[_Union[OSSTaskConfig, _Mapping]] = ..., task_sync_stat: _Optional[_Union[TaskSyncStat, _Mapping]] = ..., taskType: _Optional[int] = ...) -> None: ...

class ListDeliveryTaskRequest(_message.Message):
    __slots__ = ("tableName",)
    TABLENAME_FIELD_NUMBER: _ClassVar[int]
    tableName: str
    def __init__(self, tableName: _Optional[str] = ...) -> None: ...

class ListDeliveryTaskResponse(_message.Message):
    __slots__ = ("tasks",)
    TASKS_FIELD_NUMBER: _ClassVar[int]
    tasks: _containers.RepeatedCompositeFieldContainer[DeliveryTaskInfo]
    def __init__(self, tasks: _Optional[_Iterable[_Union[DeliveryTaskInfo, _Mapping]]] = ...) -> None: ...
